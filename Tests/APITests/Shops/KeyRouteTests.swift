import HTTP
import JSON
import Metering
import Support
import Testing

@testable import API
@testable import Store

struct KeyRouteTests {
    private static let path = "/v1/admin/shops/acme/keys"

    private func make(_ more: JSON.Object, _ api: TestAPI) async throws -> (text: String, id: String) {
        let body: JSON.Object = ["name": "web", "scopes": ["read"]]
        let made = try await api.send(.post, Self.path, as: "admin", .object(JSON.Object(unique: body.fields + more.fields)))
        return (try #require(made.json["api_key"]?.string), try #require(made.json["key_id"]?.string))
    }

    private func plans(_ key: String, from address: String? = nil, _ api: TestAPI) async throws -> TestAnswer {
        try await api.send(.get, "/v1/plans", as: nil, headers: ["authorization": "Bearer \(key)"], from: address)
    }

    @Test func `A key stops when it expires`() async throws {
        try await withTestAPI { api in
            api.clock.move(to: "2026-11-20T12:00:00Z")
            let key = try await make(["expires_at": "2026-11-20T13:00:00Z"], api)
            #expect(try await plans(key.text, api).status == 200)
            api.clock.move(to: "2026-11-20T13:00:00Z")
            #expect(try await plans(key.text, api).status == 401)
            let late = try await api.send(
                .post, Self.path, as: "admin", ["name": "web", "scopes": ["read"], "expires_at": "2026-11-20T13:00:00Z"])
            #expect(late.status == 422 && late.wrongFields == ["expires_at"])
        }
    }

    @Test func `A key that is confined to networks counts there alone`() async throws {
        try await withTestAPI { api in
            let key = try await make(["allowed_addresses": ["10.0.0.0/8", "2001:db8::/48"]], api)
            for inside in ["10.1.2.3", "2001:db8:0:7::/64"] { #expect(try await plans(key.text, from: inside, api).status == 200) }
            for outside in ["11.1.2.3", "2001:db8:1:0::/64", nil] { #expect(try await plans(key.text, from: outside, api).status == 401) }
            let wrong = try await api.send(
                .post, Self.path, as: "admin", ["name": "web", "scopes": ["read"], "allowed_addresses": ["10.0.0.0/8", "10.0.0.1/8"]])
            #expect(wrong.status == 422 && wrong.wrongFields == ["allowed_addresses[1]"])
        }
    }

    @Test func `A rotated key counts beside the new one for the overlap`() async throws {
        try await withTestAPI { api in
            api.clock.move(to: "2026-11-20T12:00:00Z")
            let old = try await make(["allowed_addresses": ["10.0.0.0/8"]], api)
            let rotated = try await api.send(.post, "\(Self.path)/\(old.id)/rotate", as: "admin", ["overlap_seconds": 60])
            #expect(rotated.status == 201 && rotated.json["replaces"] == .string(old.id))
            #expect(rotated.json["previous_valid_until"] == "2026-11-20T12:01:00.000Z" && rotated.json["expires_at"] == .null)
            #expect(rotated.json["scopes"] == ["read"] && rotated.json["allowed_addresses"] == ["10.0.0.0/8"])
            let new = try #require(rotated.json["api_key"]?.string)
            for key in [old.text, new] { #expect(try await plans(key, from: "10.0.0.1", api).status == 200) }
            api.clock.move(to: "2026-11-20T12:01:00Z")
            #expect(try await plans(old.text, from: "10.0.0.1", api).status == 401)
            #expect(try await plans(new, from: "10.0.0.1", api).status == 200)
            #expect(try await plans(new, from: "11.0.0.1", api).status == 401)
            let again = try await api.send(.post, "\(Self.path)/\(old.id)/rotate", as: "admin")
            #expect(again.status == 409 && again.code == "conflict")
            #expect(try await api.send(.post, "\(Self.path)/absent/rotate", as: "admin").code == "not_found")
            #expect(try await api.send(.post, "/v1/admin/shops/rival/keys/\(old.id)/rotate", as: "admin").code == "not_found")
        }
    }

    @Test func `A rotation with an Idempotency-Key is done once, and its key is not shown again`() async throws {
        try await withTestAPI { api in
            let old = try await make([:], api)
            func rotate() async throws -> TestAnswer {
                try await api.send(.post, "\(Self.path)/\(old.id)/rotate", as: "admin", headers: ["idempotency-key": "r1"])
            }
            let (first, second) = (try await rotate(), try await rotate())
            #expect(first.status == 201 && second.status == 200 && second.json["duplicate"] == true)
            #expect(second.json["key_id"] == first.json["key_id"] && second.json["api_key"] == .null)
        }
    }

    @Test func `A key says when it was used, to within five minutes, and is written no oftener`() async throws {
        try await withTestAPI { api in
            api.clock.move(to: "2026-11-20T12:00:00Z")
            let key = try await make([:], api)
            func lastUse() async throws -> String? {
                let listed = try await api.send(.get, Self.path, as: "admin").json["data"]?.array ?? []
                return listed.first { $0["key_id"]?.string == key.id }?["last_used_at"]?.string
            }
            #expect(try await lastUse() == nil)
            for _ in 0..<20 { _ = try await plans(key.text, api) }
            // Nothing announces that it is written.
            #expect(try await poll { try await lastUse() } == "2026-11-20T12:00:00.000Z")
            api.clock.move(to: "2026-11-20T12:04:59Z")
            let writes = try await profiling(api.store.database) {
                for _ in 0..<20 { _ = try await plans(key.text, api) }
            }
            #expect(writes["update api_keys"] == nil)
            api.clock.move(to: "2026-11-20T12:05:00Z")
            _ = try await plans(key.text, api)
            _ = try await poll { try await lastUse() == "2026-11-20T12:05:00.000Z" ? true : nil }
        }
    }

    @Test func `Whatever is wrong with a credential, the answer is the same, and a typo asks the database nothing`() async throws {
        try await withTestAPI { api in
            api.clock.move(to: "2026-11-20T12:00:00Z")
            let expired = try await make(["expires_at": "2026-11-20T12:00:01Z"], api).text
            let elsewhere = try await make(["allowed_addresses": ["192.0.2.1"]], api).text
            let revoked = try await make([:], api)
            _ = try await api.send(.delete, "\(Self.path)/\(revoked.id)", as: "admin")
            api.clock.move(to: "2026-11-20T12:00:02Z")
            let good = try #require(api.tokens["all"])
            let typo = String(good.dropLast()) + (good.hasSuffix("0") ? "1" : "0")
            // The id of a key that counts, with a secret that is not its own.
            let forged = "smk_\(try await make([:], api).id)_" + String(repeating: "0", count: 64)
            let oldForm = "smk_0123456789ab_" + String(repeating: "0", count: 64)
            let tokens = [
                expired, elsewhere, revoked.text, typo, oldForm, forged, "smk_", "nobody", "a.b.c", "the-admin-tokem", "e30.e30.e30",
            ]
            var answers: Set<String> = []
            for token in tokens {
                let answer = try await plans(token, from: "10.0.0.1", api)
                let headers = answer.headers.fields.filter { $0.name != "x-request-id" }.map { "\($0.name): \($0.value)" }
                let body = answer.text.replacing(/"request_id":"[^"]*"/, with: "")
                answers.insert("\(answer.status) \(headers) \(body)")
            }
            #expect(answers.count == 1 && answers.first?.hasPrefix("401") == true, "\(answers)")
            let typos = good.indices.dropFirst(4).filter { good[$0] != "_" }.map { index in
                good[..<index] + (good[index] == "a" ? "b" : "a") + good[good.index(after: index)...]
            }
            var statuses: Set<Int> = []
            let finds = try await countingFinds(in: api.store.database) {
                for typo in typos { statuses.insert(try await plans(String(typo), api).status) }
            }
            #expect(finds == 0 && statuses == [401] && typos.count == 84)
        }
    }
}
