import HTTP
import JSON
import Store
import Support
import Testing

@testable import API

struct ShopRouteTests {
    private static let shop: JSON = ["shop_id": "corner", "name": "Corner", "currency": "USD", "clock": "test"]

    @Test func `A shop is made once, and its secrets are shown once`() async throws {
        try await withTestAPI { api in
            let first = try await api.send(.post, "/v1/admin/shops", as: "admin", Self.shop)
            #expect(first.status == 201 && first.json["api_key"]?.string?.hasPrefix("smk_") == true && first.json["jwt_secret"] != .null)
            #expect(first.json["shop"]?["clock"] == "test" && first.json["shop"]?["currency"] == "USD")
            let again = try await api.send(.post, "/v1/admin/shops", as: "admin", Self.shop)
            #expect(again.status == 200 && again.json["duplicate"] == true)
            #expect(again.json["api_key"] == .null && again.json["jwt_secret"] == .null && again.json["shop"] == first.json["shop"])
            let other = try await api.send(
                .post, "/v1/admin/shops", as: "admin", ["shop_id": "corner", "name": "Edge", "currency": "USD", "clock": "test"])
            #expect(other.status == 409 && other.code == "idempotency_conflict")
            let found = try await api.send(.get, "/v1/admin/shops/corner", as: "admin")
            #expect(found.status == 200 && found.json == first.json["shop"])
        }
    }

    @Test func `A new shop's key works at once`() async throws {
        try await withTestAPI { api in
            let made = try await api.send(.post, "/v1/admin/shops", as: "admin", Self.shop)
            let key = try #require(made.json["api_key"]?.string)
            let plans = try await api.send(.get, "/v1/plans", as: nil, headers: ["authorization": "Bearer \(key)"])
            #expect(plans.status == 200 && plans.json["data"]?.array?.count == 1)
        }
    }

    @Test func `Shops are listed page by page, each once`() async throws {
        try await withTestAPI { api in
            _ = try await api.send(.post, "/v1/admin/shops", as: "admin", Self.shop)
            let first = try await api.send(.get, "/v1/admin/shops?limit=2", as: "admin")
            let cursor = try #require(first.json["next_cursor"]?.string)
            let second = try await api.send(.get, "/v1/admin/shops?limit=2&cursor=\(cursor)", as: "admin")
            let ids = (first.json["data"]?.array ?? []) + (second.json["data"]?.array ?? [])
            #expect(ids.compactMap { $0["shop_id"]?.string } == ["acme", "corner", "rival"])
            #expect(second.json["next_cursor"] == .null)
        }
    }

    @Test func `A key is shown once, listed without its secret, and stops when it is revoked`() async throws {
        try await withTestAPI { api in
            let made = try await api.send(
                .post, "/v1/admin/shops/acme/keys", as: "admin", ["name": "web", "scopes": ["usage", "read"]])
            let key = try #require(made.json["api_key"]?.string)
            let id = try #require(made.json["key_id"]?.string)
            #expect(made.status == 201 && made.json["scopes"] == ["read", "usage"])
            #expect(key.hasSuffix(made.json["last_four"]?.string ?? "-"))
            let listed = try await api.send(.get, "/v1/admin/shops/acme/keys", as: "admin")
            #expect(listed.json["data"]?.array?.count == 7 && !listed.text.contains(key) && !listed.text.contains("api_key"))
            let bearer: KeyValuePairs = ["authorization": "Bearer \(key)"]
            #expect(try await api.send(.get, "/v1/plans", as: nil, headers: bearer).status == 200)
            #expect(try await api.send(.delete, "/v1/admin/shops/acme/keys/\(id)", as: "admin").status == 204)
            #expect(try await api.send(.get, "/v1/plans", as: nil, headers: bearer).status == 401)
        }
    }

    @Test func `An Idempotency-Key makes one key, which is not shown again`() async throws {
        try await withTestAPI { api in
            func make(_ name: JSON, in shop: String = "acme") async throws -> TestAnswer {
                try await api.send(
                    .post, "/v1/admin/shops/\(shop)/keys", as: "admin", ["name": name, "scopes": ["read"]],
                    headers: ["idempotency-key": "k1"])
            }
            let (first, again) = (try await make("web"), try await make("web"))
            #expect(first.status == 201 && again.status == 200 && again.json["duplicate"] == true)
            #expect(again.json["key_id"] == first.json["key_id"] && again.json["api_key"] == .null)
            #expect(try await make("app").code == "idempotency_conflict")
            #expect(try await make("app", in: "rival").status == 201)
        }
    }

    @Test func `A key of another shop, or of none, is not found`() async throws {
        try await withTestAPI { api in
            let made = try await api.send(.post, "/v1/admin/shops/acme/keys", as: "admin", ["name": "web", "scopes": ["read"]])
            let id = try #require(made.json["key_id"]?.string)
            for path in ["rival/keys/\(id)", "acme/keys/nothing", "nowhere/keys/\(id)"] {
                #expect(try await api.send(.delete, "/v1/admin/shops/\(path)", as: "admin").code == "not_found")
            }
            #expect(try await api.send(.get, "/v1/admin/shops/nowhere", as: "admin").code == "not_found")
            #expect(try await api.send(.get, "/v1/admin/shops/nowhere/keys", as: "admin").code == "not_found")
        }
    }

    @Test func `A job runs now, and one that there is not is not found`() async throws {
        try await withTestAPI { api in
            #expect(try await api.record("u1", "e1", 5).status == 201)
            api.clock.move(to: "2026-12-02T00:00:00Z")
            let done = try await api.send(.post, "/v1/admin/jobs/rollover/run", as: "admin")
            #expect(done.status == 200 && done.json["job"] == "rollover" && done.json["periods_closed"] == 1)
            #expect(done.json["users"] == 1 && done.json["shops"] == 2)
            #expect(try await api.send(.post, "/v1/admin/jobs/laundry/run", as: "admin").code == "not_found")
        }
    }

    @Test func `A job that another instance is at is a conflict`() async throws {
        try await withTestAPI { api in
            let lease = try await api.store.write { try Leases.acquire("rollover", owner: "another", seconds: 30, $0) }
            #expect(lease != nil)
            #expect(try await api.send(.post, "/v1/admin/jobs/rollover/run", as: "admin").code == "conflict")
        }
    }
}
