import HTTP
import JSON
import Metering
import Service
import Store
import Testing

@testable import API

/// Refunds at Stripe of what was bought.
struct StripeRefundTests {
    private static func refunded(_ id: String, _ refunded: JSON, of paid: JSON = 1500, for bought: JSON.Object, user: JSON? = "u1") -> JSON
    {
        var metadata = bought
        metadata["user_id"] = user
        let charge: JSON = [
            "id": "ch_1", "amount": paid, "amount_captured": paid, "amount_refunded": refunded, "metadata": .object(metadata),
        ]
        return TestStripe.event(id, "charge.refunded", charge)
    }

    private func withPurchase(_ body: (TestAPI) async throws -> Void) async throws {
        try await withTestAPI { api in
            try await api.prepareForStripe()
            let bought: JSON = ["purchase_id": "pack", "amount": 500, "price": "15.00"]
            #expect(try await api.send(.post, "/v1/usage/u1/purchases", bought).status == 201)
            try await body(api)
        }
    }

    private func purchased(_ api: TestAPI) async throws -> JSON? {
        try await api.send(.get, "/v1/usage/u1").json["balances"]?["tokens"]?["purchased"]
    }

    @Test func `A refund takes the purchase back, once, however many events tell it`() async throws {
        try await withPurchase { api in
            let first = try await api.deliver(Self.refunded("e1", 1500, for: ["purchase_id": "pack"]))
            #expect(first.json["outcome"] == "applied" && first.json["reason"] == .null, "\(first.json)")
            #expect(try await purchased(api) == 0)
            #expect(try await api.send(.post, "/v1/usage/u1/purchases", ["purchase_id": "next", "amount": 70]).status == 201)
            let again = try await api.deliver(Self.refunded("e2", 1500, for: ["purchase_id": "pack"]))
            #expect(again.json["outcome"] == "ignored" && again.json["reason"]?.string?.contains("before") == true)
            #expect(try await purchased(api) == 70)
            let listed = try await api.send(.get, "/v1/usage/u1/adjustments").json["data"]?.array
            #expect(listed?.count == 1 && listed?.first?["amount"] == -500 && listed?.first?["actor"] == "stripe", "\(listed ?? [])")
        }
    }

    @Test(arguments: [[500, 1499, 1500], [1500, 500, 1499], [1499, 1500, 500]])
    func `Parts, in whichever order, come to the whole`(order: [Int64]) async throws {
        try await withPurchase { api in
            for (index, sum) in order.enumerated() {
                _ = try await api.deliver(Self.refunded("e\(index)", .integer(sum), for: ["purchase_id": "pack"], user: nil))
                let share = order[...index].max().map { 500 * $0 / 1500 } ?? 0
                #expect(try await purchased(api) == .integer(500 - share))
            }
        }
    }

    @Test func `What was used stays used, and the answer says how much`() async throws {
        try await withPurchase { api in
            let limit = try #require(try await api.send(.get, "/v1/usage/u1").json["balances"]?["tokens"]?["limit"]?.integer)
            #expect(try await api.record("u1", "big", limit + 120).status == 201)
            let answer = try await api.deliver(Self.refunded("e1", 1500, for: ["purchase_id": "pack"]))
            #expect(answer.json["outcome"] == "applied" && answer.json["reason"] == "120 of 500 tokens were used before, and stay so")
            #expect(try await purchased(api) == 0)
            _ = try await api.service.audit(of: api.tenant.shop, found: { Issue.record("\($0)") }, progress: { _ in })
        }
    }

    @Test func `A credit is taken back as far as the wallet has it`() async throws {
        try await withPurchase { api in
            #expect(try await api.send(.post, "/v1/users/u1/wallet").status == 201)
            let credit: JSON = ["credit_id": "c1", "amount": "15.00", "reason": "top-up"]
            #expect(try await api.send(.post, "/v1/users/u1/wallet/credits", credit).status == 201)
            let half = try await api.deliver(Self.refunded("e1", 750, for: ["credit_id": "c1"]))
            #expect(half.json["outcome"] == "applied", "\(half.json)")
            #expect(try await api.send(.get, "/v1/users/u1/wallet").json["balance"] == "17.5000")
            let whole = try await api.deliver(Self.refunded("e2", 1500, for: ["credit_id": "c1"]))
            #expect(whole.json["outcome"] == "applied")
            #expect(try await api.send(.get, "/v1/users/u1/wallet").json["balance"] == "10.0000")
            _ = try await api.service.audit(of: api.tenant.shop, found: { Issue.record("\($0)") }, progress: { _ in })
        }
    }

    private static let idle: [(event: JSON, reason: String)] = [
        (refunded("e1", 1500, for: ["purchase_id": "other"]), "there is no such purchase of the user's"),
        (refunded("e2", 1500, for: ["purchase_id": "pack"], user: "u2"), "there is no such purchase of the user's"),
        (refunded("e3", 1500, for: ["credit_id": "pack"]), "there is no such credit of the user's"),
        (refunded("e4", 0, for: ["purchase_id": "pack"]), "events of this type change nothing"),
        (refunded("e5", 5, of: 0, for: ["purchase_id": "pack"]), "events of this type change nothing"),
        (refunded("e6", 5, of: .integer(.max), for: ["purchase_id": "pack"]), "events of this type change nothing"),
        (refunded("e7", 1500, for: [:]), "events of this type change nothing"),
        (refunded("e8", "1500", for: ["purchase_id": "pack"]), "events of this type change nothing"),
    ]

    @Test func `What names nothing that was bought here takes nothing`() async throws {
        try await withPurchase { api in
            for (event, reason) in Self.idle {
                let answer = try await api.deliver(event)
                #expect(answer.json["outcome"] == "ignored" && answer.json["reason"] == .string(reason), "\(answer.json)")
            }
            #expect(try await purchased(api) == 500)
        }
    }
}
