import HTTP
import JSON
import Metering
import Service
import Store
import Support
import Testing

@testable import API

struct ChargeRouteTests {
    private static let charge: JSON = [
        "charge_id": "c1", "user_id": "u1", "project_id": "p1", "model": "vendor/m", "input_tokens": 1000, "output_tokens": 500,
    ]

    private func withPrices(_ body: (TestAPI) async throws -> Void) async throws {
        try await withTestAPI { api in
            let price = ModelPrice(
                model: ModelName(stored: "vendor/m"), inputPerMillion: try #require(Money("2.5")),
                outputPerMillion: try #require(Money("10")), currency: Currency(stored: "EUR"), effectiveFrom: api.clock.now())
            let tenant = try await api.service.shop(ShopID(stored: "acme")).tenant
            try api.store.blockingTransaction { try ModelPrices.put([price], of: tenant, in: $0) }
            try await body(api)
        }
    }

    @Test func `Wallets open once, with their credit`() async throws {
        try await withTestAPI { api in
            let user = try await api.send(.post, "/v1/users/u1/wallet", as: "billing")
            #expect(user.status == 201 && user.json["balance"] == "10.0000" && user.json["duplicate"] == false)
            let credit: JSON = ["credit_id": "k1", "amount": "5.00", "reason": "top-up"]
            let credited = try await api.send(.post, "/v1/users/u1/wallet/credits", credit)
            #expect(credited.status == 201 && credited.json["balance"] == "15.0000" && credited.json["number"] == 2)
            let again = try await api.send(.post, "/v1/users/u1/wallet/credits", credit)
            #expect(again.status == 200 && again.json["duplicate"] == true && again.json["balance"] == "15.0000")
            let other: JSON = ["credit_id": "k1", "amount": "6.00", "reason": "top-up"]
            #expect(try await api.send(.post, "/v1/users/u1/wallet/credits", other).code == "idempotency_conflict")
            let reopened = try await api.send(.post, "/v1/users/u1/wallet")
            #expect(reopened.status == 200 && reopened.json["balance"] == "10.0000" && reopened.json["duplicate"] == true)
            #expect(try await api.send(.get, "/v1/users/u1/wallet").json["balance"] == "15.0000")
            let entries = try await api.send(.get, "/v1/users/u1/wallet/entries?limit=1")
            #expect(entries.json["data"]?.array?.map { $0["amount"] } == ["5.0000"])
            let cursor = try #require(entries.json["next_cursor"]?.string)
            let rest = try await api.send(.get, "/v1/users/u1/wallet/entries?cursor=\(cursor)")
            #expect(rest.json["data"]?.array?.map { $0["type"] } == ["opening"] && rest.json["next_cursor"] == .null)
            #expect(try await api.send(.get, "/v1/users/u1").json["wallet"]?["balance"] == "15.0000")
            #expect(try await api.send(.get, "/v1/users/u2/wallet").status == 404)
            #expect(try await api.send(.get, "/v1/users/u1/wallet", as: "other").status == 404)
            #expect(try await api.send(.get, "/v1/users/u1/wallet", as: "usage").status == 403)
        }
    }

    @Test func `A creator's first project has a credit, the others none`() async throws {
        try await withTestAPI { api in
            let first = try await api.send(.post, "/v1/projects", ["project_id": "p1", "creator_id": "u1"])
            #expect(first.status == 201 && first.json["balance"] == "20.0000" && first.json["creator_id"] == "u1")
            #expect(try await api.send(.post, "/v1/projects", ["project_id": "p2", "creator_id": "u1"]).json["balance"] == "0.0000")
            #expect(try await api.send(.post, "/v1/projects", ["project_id": "p3", "creator_id": "u2"]).json["balance"] == "20.0000")
            let again = try await api.send(.post, "/v1/projects", ["project_id": "p1", "creator_id": "u1"])
            #expect(again.status == 200 && again.json["duplicate"] == true && again.json["balance"] == "20.0000")
            #expect(try await api.send(.post, "/v1/projects", ["project_id": "p1", "creator_id": "u2"]).code == "idempotency_conflict")
            #expect(try await api.send(.get, "/v1/projects/p2/wallet").json["kind"] == "project")
        }
    }

    @Test func `A charge goes to the project, then to the user, then nowhere`() async throws {
        try await withPrices { api in
            _ = try await api.send(.post, "/v1/projects", ["project_id": "p1", "creator_id": "u9"])
            _ = try await api.send(.post, "/v1/users/u1/wallet")
            let made = try await api.send(.post, "/v1/charges", as: "billing", Self.charge)
            #expect(made.status == 201 && made.json["cost"] == "0.0075" && made.json["deducted_from"] == "project")
            #expect(made.json["balance_after"] == "19.9925" && made.json["currency"] == "EUR" && made.json["input_per_million"] == "2.50")
            let again = try await api.send(.post, "/v1/charges", Self.charge)
            var expected = try #require(made.json.object)
            expected["duplicate"] = true
            #expect(again.status == 200 && again.json == .object(expected))
            var large = try #require(Self.charge.object)
            (large["charge_id"], large["output_tokens"]) = ("c2", 2_100_000)
            #expect(try await api.send(.post, "/v1/charges", .object(large)).code == "insufficient_balance")
            (large["charge_id"], large["output_tokens"], large["input_tokens"]) = ("c3", 1_999_250, 0)
            #expect(try await api.send(.post, "/v1/charges", .object(large)).json["balance_after"] == "0.0000")
            (large["charge_id"], large["output_tokens"]) = ("c4", 1)
            #expect(try await api.send(.post, "/v1/charges", .object(large)).json["deducted_from"] == "user")
            let entries = try await api.send(.get, "/v1/projects/p1/wallet/entries")
            #expect(entries.json["data"]?.array?.map { $0["balance_after"] } == ["0.0000", "0.0000", "19.9925", "20.0000"])
        }
    }

    @Test func `A refusal says what is missing and is kept till it is resolved`() async throws {
        try await withPrices { api in
            var content = try #require(Self.charge.object)
            content = JSON.Object(unique: content.fields.filter { $0.name != "project_id" })
            let refused = try await api.send(.post, "/v1/charges", .object(content))
            #expect(refused.status == 402 && refused.json["billing_error_id"] == "c1" && refused.json["required"] == "0.0075")
            #expect(refused.json["available"] == "0.0000" && refused.json["currency"] == "EUR")
            let open = try await api.send(.get, "/v1/billing-errors?resolved=false")
            #expect(open.json["data"]?.array?.map { $0["charge_id"] } == ["c1"])
            let resolved = try await api.send(.post, "/v1/billing-errors/c1/resolve", ["note": "given"])
            #expect(resolved.json["resolved"] == true && resolved.json["resolution"] == "manual" && resolved.json["note"] == "given")
            #expect(try await api.send(.get, "/v1/billing-errors?resolved=false").json["data"] == [])
            #expect(try await api.send(.get, "/v1/billing-errors?resolved=true").json["data"]?.array?.count == 1)
            #expect(try await api.send(.post, "/v1/billing-errors/none/resolve").status == 404)
            #expect(try await api.send(.post, "/v1/billing-errors/c1/resolve", as: "other").status == 404)
        }
    }

    @Test func `An estimate is the charge's cost, and changes nothing`() async throws {
        try await withPrices { api in
            _ = try await api.send(.post, "/v1/users/u1/wallet")
            let content: JSON = ["user_id": "u1", "model": "vendor/m", "input_tokens": 1, "output_tokens": 0]
            let estimate = try await api.send(.post, "/v1/charges/estimate", content)
            #expect(estimate.json == ["sufficient": true, "cost": "0.0000025", "available": "10.0000", "currency": "EUR"])
            let large: JSON = ["user_id": "u1", "model": "vendor/m", "input_tokens": 9_007_199_254_740_991, "output_tokens": 0]
            #expect(try await api.send(.post, "/v1/charges/estimate", large).json["sufficient"] == false)
            #expect(try await api.send(.get, "/v1/users/u1/wallet").json["entries"] == 1)
            let dear: JSON = ["input_per_million": "999999999999999", "output_per_million": "0", "currency": "EUR"]
            #expect(try await api.send(.put, "/v1/models/dear/price", dear).status == 201)
            let costly: JSON = ["user_id": "u1", "model": "dear", "input_tokens": 1_000_001, "output_tokens": 0]
            #expect(try await api.send(.post, "/v1/charges/estimate", costly).wrongFields == ["input_tokens"])
            #expect(try await api.send(.post, "/v1/charges", costly).wrongFields == ["input_tokens"])
        }
    }

    @Test func `A charge has its class's step, tier and markup, names what it used, and a use without a price is refused`() async throws {
        try await withPrices { api in
            _ = try await api.send(.post, "/v1/users/u1/wallet")
            let price: JSON = [
                "input_per_million": "1.25", "output_per_million": nil, "markup_percent": "20",
                "classes": ["input": ["above": [["tokens": 200_000, "per_million": "2.50"]]]],
            ]
            #expect(try await api.send(.put, "/v1/models/long/price", price).status == 201)
            func charge(_ id: JSON, _ input: JSON, output: JSON = 0) async throws -> TestAnswer {
                let body: JSON = [
                    "charge_id": id, "user_id": "u1", "model": "openai/long-2026-01-01", "input_tokens": input, "output_tokens": output,
                ]
                return try await api.send(.post, "/v1/charges", body)
            }
            let long = try await charge("l1", 200_001).json
            #expect(long["cost"] == "0.600003" && long["own_cost"] == "0.5000025" && long["price_model"] == "long")
            #expect(
                long["costs"]
                    == ["input": ["tokens": 200_001, "per_million": "3.00", "cost": "0.600003", "tier": "standard", "above": 200_000]])
            #expect(try await charge("l2", 200_000).json["cost"] == "0.3000")
            let missing = try await charge("l3", 1, output: 1)
            #expect(missing.status == 422 && missing.code == "price_missing" && missing.json["class"] == "output")
            #expect(missing.json["model"] == "long")
            #expect(try await api.send(.get, "/v1/users/u1/wallet").json["balance"] == "9.099997")
        }
    }

    @Test(
        arguments: [
            (["model": "unknown"], ["model"]), (["model": "no blanks"], ["model"]), (["input_tokens": -1], ["input_tokens"]),
            (["output_tokens": "1"], ["output_tokens"]), (["surprise": 1], ["surprise"]), (["charge_id": "no\u{1}control"], ["charge_id"]),
        ] as [(JSON.Object, [String])])
    func `A charge that is not valid is refused by its field`(change: JSON.Object, fields: [String]) async throws {
        try await withPrices { api in
            _ = try await api.send(.post, "/v1/projects", ["project_id": "p1", "creator_id": "u9"])
            var content = try #require(Self.charge.object)
            for field in change.fields { content[field.name] = field.value }
            let answer = try await api.send(.post, "/v1/charges", .object(content))
            #expect(answer.status == 422 && answer.wrongFields == fields)
        }
    }

    @Test func `An unknown project is not found, and a quota needs a wallet`() async throws {
        try await withPrices { api in
            #expect(try await api.send(.post, "/v1/charges", Self.charge).status == 404)
            let quota: JSON = ["is_pro": true, "monthly_quota": "0.0100"]
            #expect(try await api.send(.put, "/v1/users/u1/wallet/quota", quota).status == 404)
            _ = try await api.send(.post, "/v1/users/u1/wallet")
            let set = try await api.send(.put, "/v1/users/u1/wallet/quota", quota)
            #expect(set.json["is_pro"] == true && set.json["monthly_quota"] == "0.0100")
            let content: JSON = ["charge_id": "q1", "user_id": "u1", "model": "vendor/m", "input_tokens": 3000, "output_tokens": 0]
            let whole = try await api.send(.post, "/v1/charges", content)
            #expect(whole.json["deducted_from"] == "quota" && whole.json["balance_after"] == "10.0000")
            let split: JSON = ["charge_id": "q2", "user_id": "u1", "model": "vendor/m", "input_tokens": 3000, "output_tokens": 0]
            let second = try await api.send(.post, "/v1/charges", split)
            #expect(second.json["deducted_from"] == "user" && second.json["from_quota"] == "0.0025")
            #expect(second.json["balance_after"] == "9.9950")
        }
    }
}
