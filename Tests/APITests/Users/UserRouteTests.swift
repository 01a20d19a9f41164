import HTTP
import JSON
import Metering
import Service
import Store
import Support
import Testing

@testable import API

struct UserRouteTests {
    @Test func `Who a user is is kept, replaced, and part of the overview`() async throws {
        try await withTestAPI { api in
            let address: JSON = ["line1": "1 rue de la Paix", "city": "Paris", "postal_code": "75002", "country": "FR"]
            let body: JSON = [
                "name": "Ann Lee", "email": "ann+x@example.com", "address": address, "tax_id": "FR123", "language": "fr",
                "metadata": ["tier": "gold"],
            ]
            let made = try await api.send(.put, "/v1/users/ann", body)
            #expect(made.status == 201 && made.json["address"] == address && made.json["user_id"] == "ann")
            let overview = try await api.send(.get, "/v1/users/ann")
            #expect(overview.json["name"] == "Ann Lee" && overview.json["metadata"] == ["tier": "gold"])
            let replaced = try await api.send(.put, "/v1/users/ann", ["address": "1 Main St\nSpringfield", "name": nil])
            #expect(replaced.status == 200 && replaced.json["address"] == "1 Main St\nSpringfield")
            #expect(replaced.json["email"] == .null && replaced.json["created_at"] == made.json["created_at"])
            #expect(try await api.send(.get, "/v1/users/ann", as: "read").json["name"] == .null)
            #expect(try await api.send(.get, "/v1/users").json["data"]?.array?.count == 1)
            #expect(try await api.send(.get, "/v1/users", as: "other").json["data"] == [])
        }
    }

    private static let refused: [(body: JSON, field: String)] = [
        (["name": ""], "name"), (["email": "nobody"], "email"), (["email": "a b@c"], "email"),
        (["address": ["street": "x"]], "address.street"),
        (["address": ["country": "fr"]], "address.country"), (["address": 7], "address"), (["language": "de"], "language"),
        (["metadata": ["a b": "c"]], "metadata.a b"), (["metadata": ["a": 1]], "metadata.a"), (["nmae": "x"], "nmae"),
    ]

    @Test func `What is wrong in a profile is refused by its field`() async throws {
        try await withTestAPI { api in
            for (body, field) in Self.refused {
                let answer = try await api.send(.put, "/v1/users/u", body)
                #expect(answer.status == 422 && answer.wrongFields == [field], "\(body) \(answer.text)")
            }
        }
    }

    @Test func `An erased user is nowhere under the id, what the books need is kept, and the audit finds nothing`() async throws {
        try await withTestAPI { api in
            try await api.putPlan("pro", tokens: 1_000)
            let id = "ann|x@example.com"
            for user in [id, id + "2"] {
                #expect(try await api.subscribe(user, to: "pro").status == 201)
                for number in 0..<12 { #expect(try await api.record(user, "e\(number)", 100).status == 201) }
            }
            #expect(try await api.send(.put, ["v1", "users", id], ["name": "Ann"]).status == 201)
            #expect(try await api.send(.post, ["v1", "users", id, "wallet"], [:]).status == 201)
            let bought = try await api.send(.post, ["v1", "usage", id, "purchases"], ["purchase_id": "p", "meter": "tokens", "amount": 7])
            #expect(bought.status == 201)
            api.clock.move(to: "2026-12-25T00:00:00Z")
            try await api.rollOver()
            let receipt = try await api.send(.delete, ["v1", "users", id])
            let token = try #require(receipt.json["erased_as"]?.string)
            #expect(receipt.status == 200 && receipt.json["events"] == 12 && token.hasPrefix("erased-"))
            #expect(try await api.send(.get, ["v1", "users", token]).json["lifetime"]?["tokens"] == 1_200)
            #expect(try await api.send(.get, ["v1", "usage", id]).json["lifetime"]?["tokens"] == 0)
            for path in ["/v1/invoices", "/v1/transactions", "/v1/users", "/v1/subscriptions"] {
                let text = try await api.send(.get, path).text
                #expect(!text.contains("\"\(id)\"") && text.contains(token) == (path != "/v1/transactions"), "\(path) \(text)")
            }
            #expect(try await api.send(.delete, ["v1", "users", id]).status == 404)
            let tenant = try await api.tenant
            let audit = try await api.service.audit(of: tenant.shop, found: { Issue.record("\($0)") }, progress: { _ in })
            #expect(audit.differences == 0)
            #expect(try await api.record(id, "e1", 5).status == 201, "a new user of that id")
        }
    }

    @Test func `Whatever an erased user had, nothing stored has the id, and who comes under it again is new`() async throws {
        try await withTestAPI { api in
            _ = try await FilledShop.fill(api)
            #expect(try FilledShop.documents(containing: "canary-ann", api).count >= 15)
            #expect(try await api.send(.delete, "/v1/users/canary-ann").status == 200)
            let left = try FilledShop.documents(containing: "canary-ann", api)
            #expect(left.isEmpty)
            #expect(try await api.send(.post, "/v1/users/canary-ann/wallet").json["balance"] == "10.0000")
            #expect(try await api.subscribe("canary-ann", to: "canary-plan").status == 201)
            #expect(try await api.record("canary-ann", "canary-event", 5).status == 201)
            let audit = try await api.service.audit(of: api.tenant.shop, found: { Issue.record("\($0)") }, progress: { _ in })
            #expect(audit.differences == 0)
        }
    }

    @Test func `A search finds by name, plan, status, and by who is over`() async throws {
        try await withTestAPI { api in
            try await api.putPlan("pro", tokens: 100)
            for user in ["u1", "u2"] { _ = try await api.subscribe(user, to: "pro") }
            #expect(try await api.record("u1", "e", 150).status == 201)
            #expect(try await api.record("u3", "e", 1).status == 201)
            #expect(try await api.send(.put, "/v1/users/u9", ["name": "Jürgen Ö", "email": "j@example.com"]).status == 201)
            #expect(try await api.send(.post, "/v1/subscriptions/u2/cancel", ["at": "now"]).status == 200)
            for (name, value, found) in [
                ("query", "JÜRG", ["u9"]), ("query", "example.com", ["u9"]), ("query", "u", ["u1", "u2", "u3", "u9"]),
                ("plan", "pro", ["u1"]),
                ("status", "canceled", ["u2"]), ("status", "active", ["u1"]), ("over", "true", ["u1"]),
                ("over", "false", ["u2", "u3", "u9"]),
                ("query", "nobody", []),
            ] {
                let answer = try await api.send(.get, ["v1", "users"], query: [(name, value)])
                #expect(answer.json["data"]?.array?.compactMap { $0["user_id"]?.string } == found, "\(name)=\(value) \(answer.text)")
            }
        }
    }
}
