import HTTP
import JSON
import Metering
import Service
import Support
import Testing

@testable import API

struct CorrectionRouteTests {
    private func withUser(_ body: (TestAPI) async throws -> Void) async throws {
        try await withTestAPI { api in
            let plan: JSON = [
                "monthly_fee": "10.00", "allowances": ["tokens": 100], "overage_prices": ["tokens": "0.01"],
            ]
            #expect(try await api.send(.put, "/v1/plans/metered", plan).status == 201)
            try await api.putPlan("pro", tokens: 100)
            _ = try await api.subscribe("u1", to: "pro")
            try await body(api)
            var findings: [AuditFinding] = []
            _ = try await api.service.audit(of: ShopID(stored: "acme"), found: { findings.append($0) }, progress: { _ in })
            #expect(findings == [])
        }
    }

    private func void(_ api: TestAPI, _ event: String, _ fields: JSON.Object = [:]) async throws -> TestAnswer {
        var body = fields
        if body["reason"] == nil { body["reason"] = "a mistake" }
        return try await api.send(.post, "/v1/usage/u1/events/\(event)/void", .object(body))
    }

    private func balance(_ api: TestAPI) async throws -> JSON? {
        try await api.send(.get, "/v1/usage/u1").json["balances"]?["tokens"]
    }

    @Test func `An event goes back to where it came from, once for the void's id`() async throws {
        try await withUser { api in
            _ = try await api.send(.post, "/v1/usage/u1/purchases", ["purchase_id": "p", "meter": "tokens", "amount": 50])
            let before = try await balance(api)
            _ = try await api.record("u1", "e", 170)
            let made = try await void(api, "e", ["void_id": "v"])
            #expect(made.status == 201 && made.json["duplicate"] == false && made.json["amount"] == 170 && made.json["voided"] == 170)
            #expect(made.json["returned"] == ["to_subscription": 100, "to_rollover": 0, "to_purchased": 50, "from_debt": 20])
            #expect(made.json["used"] == 0 && made.json["limit"] == 100 && made.json["remaining"] == 150)
            #expect(try await balance(api) == before)
            let again = try await void(api, "e", ["void_id": "v"])
            var expected = try #require(made.json.object)
            expected["duplicate"] = true
            #expect(again.status == 200 && again.json == .object(expected))
            #expect(try await void(api, "e", ["void_id": "v", "reason": "another"]).code == "idempotency_conflict")
            #expect(try await void(api, "e").code == "conflict")
            #expect(try await void(api, "nothing").status == 404)
            #expect(try await api.send(.post, "/v1/usage/u1/events/e/void", [:]).wrongFields == ["reason"])
            let log = try await api.send(.get, "/v1/usage/u1/events")
            #expect(log.json["data"]?.array?.first?["voided"] == 170)
            #expect(try await api.send(.get, "/v1/usage/u1/voids").json["data"]?.array?.map { $0["void_id"] } == ["v"])
            #expect(try await api.send(.get, "/v1/usage/u1").json["totals"]?["queries"] == 0)
            #expect(try await api.send(.get, "/v1/usage/u1/breakdown").json["amount"] == 0)
        }
    }

    @Test func `In parts: more than is left of the event is a conflict`() async throws {
        try await withUser { api in
            _ = try await api.record("u1", "a", 30)
            _ = try await api.record("u1", "e", 60)
            for _ in 0..<2 { #expect(try await void(api, "e", ["amount": 40]).json["voided"] == 40) }
            #expect(try await void(api, "e", ["amount": 20]).code == "idempotency_conflict")
            #expect(try await void(api, "e", ["amount": 21, "void_id": "v"]).code == "conflict")
            let rest = try await void(api, "e", ["amount": 20, "void_id": "v"])
            #expect(rest.json["voided"] == 60 && rest.json["used"] == 30)
            let totals = try await api.send(.get, "/v1/usage/u1").json["totals"]
            #expect(totals?["tokens"] == 30 && totals?["queries"] == 1 && totals?["peak_tokens"] == 30)
        }
    }

    @Test func `One event of the largest amount locks nobody, and can be undone in its period and later`() async throws {
        try await withUser { api in
            _ = try await api.record("u1", "a", 40)
            #expect(try await api.record("u1", "oops", Quantity.largest).status == 201)
            #expect(try await void(api, "oops").json["remaining"] == 60)
            #expect(try await api.record("u1", "b", 10).json["used"] == 50)
            #expect(try await api.record("u1", "oops2", Quantity.largest).status == 201)
            api.clock.advance(seconds: 32 * 86_400)
            // Without a void, what the allowance still covers is recorded.
            #expect(try await api.record("u1", "c", 5).json["breakdown"]?["from_subscription"] == 5)
            #expect(try await void(api, "oops2").json["returned"]?["to_rollover"] == 50)
            #expect(try await api.record("u1", "d", 5).json["remaining"] == 140)
            #expect(try await api.send(.get, "/v1/usage/u1").json["lifetime"]?["tokens"] == 60)
        }
    }

    @Test func `Of a closed period the allowance comes back now, and billed overage is a credit on the next invoice`() async throws {
        try await withUser { api in
            _ = try await api.subscribe("u1", to: "metered", action: "upgrade")
            _ = try await api.send(.post, "/v1/subscriptions/u1/reset", [:])
            _ = try await api.record("u1", "e", 400)
            api.clock.advance(seconds: 32 * 86_400)
            try await api.rollOver()
            let number = try #require(try await invoices(api).first?["number"]?.string)
            #expect(try await api.send(.post, "/v1/invoices/\(number)/payments", ["payment_reference": "p"]).json["total"] == "13.00")
            let made = try await void(api, "e", ["amount": 350])
            #expect(made.json["returned"] == ["to_subscription": 0, "to_rollover": 50, "to_purchased": 0, "from_debt": 300])
            #expect(made.json["credit"] == ["overage": 300, "amount": "3.00", "currency": "EUR"])
            #expect(made.json["remaining"] == 150)
            let transactions = try await api.send(.get, "/v1/transactions?user_id=u1").json["data"]?.array ?? []
            #expect(transactions.contains { $0["type"] == "credit" && $0["amount"] == "3.00" })
            #expect(try await void(api, "e", ["void_id": "rest"]).json["credit"] == .null)
            api.clock.advance(seconds: 31 * 86_400)
            try await api.rollOver()
            #expect(try await invoices(api).first?["total"] == "7.00")
        }
    }

    private func invoices(_ api: TestAPI) async throws -> [JSON] {
        try await api.send(.get, "/v1/invoices?user_id=u1").json["data"]?.array ?? []
    }

    @Test func `Overage on an invoice that is open is taken off it, also when a change of plan has billed it`() async throws {
        try await withUser { api in
            _ = try await api.subscribe("u1", to: "metered", action: "upgrade")
            _ = try await api.record("u1", "e", 400)
            api.clock.advance(seconds: 86_400)
            _ = try await api.subscribe("u1", to: "pro", action: "downgrade")
            let lines = try await invoices(api).flatMap { $0["lines"]?.array ?? [] }
            #expect(lines.filter { $0["type"] == "overage" }.map { $0["amount"] } == ["3.00"])
            api.clock.advance(seconds: 86_400)
            _ = try await api.record("u1", "f", 30)
            let made = try await void(api, "e", ["amount": 120])
            #expect(made.json["credit"] == ["overage": 120, "amount": "1.20", "currency": "EUR"])
            #expect(try await balance(api)?["rollover"] == -30)
            #expect(try await void(api, "e", ["void_id": "rest"]).json["credit"]?["amount"] == "1.80")
            #expect(try await balance(api)?["remaining"] == 70)
        }
    }

    @Test func `A mistake that took the allowance gives it back to those who came after it, and their overage too`() async throws {
        try await withUser { api in
            _ = try await api.subscribe("u1", to: "metered", action: "upgrade")
            _ = try await api.record("u1", "e", 90)
            _ = try await api.record("u1", "f", 60)
            #expect(try await balance(api)?["rollover"] == -50)
            let part = try await void(api, "e", ["void_id": "part", "amount": 20])
            #expect(part.json["returned"] == ["to_subscription": 0, "to_rollover": 0, "to_purchased": 0, "from_debt": 20])
            api.clock.advance(seconds: 86_400)
            _ = try await api.subscribe("u1", to: "pro", action: "downgrade")
            let rest = try await void(api, "e", ["void_id": "rest"])
            #expect(rest.json["credit"] == ["overage": 30, "amount": "0.30", "currency": "EUR"])
            #expect(rest.json["returned"] == ["to_subscription": 40, "to_rollover": 0, "to_purchased": 0, "from_debt": 30])
            #expect(rest.json["used"] == 60 && rest.json["remaining"] == 40)
        }
    }

    @Test func `An adjustment sets a balance right, either way`() async throws {
        try await withUser { api in
            func adjust(_ body: JSON) async throws -> TestAnswer { try await api.send(.post, "/v1/usage/u1/adjustments", body) }
            _ = try await api.record("u1", "e", 130)
            let given: JSON = ["adjustment_id": "a", "meter": "tokens", "amount": 50, "reason": "goodwill"]
            let made = try await adjust(given)
            #expect(made.status == 201 && made.json["paid_debt"] == 30 && made.json["to_purchased"] == 20 && made.json["remaining"] == 20)
            let again = try await adjust(given)
            #expect(again.status == 200 && again.json["duplicate"] == true && again.json["remaining"] == 20)
            #expect(try await adjust(["adjustment_id": "a", "amount": 51, "reason": "goodwill"]).code == "idempotency_conflict")
            let taken = try await adjust(["adjustment_id": "b", "amount": -25, "reason": "a correction"])
            #expect(taken.json["breakdown"]?["from_purchased"] == 20 && taken.json["breakdown"]?["overflow_to_debt"] == 5)
            #expect(try await adjust(["adjustment_id": "c", "amount": 0, "reason": "r"]).wrongFields == ["amount"])
            #expect(try await adjust(["amount": 1, "reason": "r"]).wrongFields == ["adjustment_id"])
            #expect(try await adjust(["adjustment_id": "d", "amount": 1]).wrongFields == ["reason"])
            let list = try await api.send(.get, "/v1/usage/u1/adjustments").json["data"]?.array
            #expect(list.map { Set($0.compactMap { $0["adjustment_id"]?.string }) } == ["a", "b"])
        }
    }

    @Test func `Who changed what is in the audit log, with the reason`() async throws {
        try await withUser { api in
            _ = try await api.record("u1", "e", 10)
            _ = try await void(api, "e", ["reason": "a double click"])
            _ = try await api.send(.post, "/v1/usage/u1/adjustments", ["adjustment_id": "a", "amount": 5, "reason": "goodwill"])
            _ = try await api.send(.post, "/v1/usage/u1/purchases", ["purchase_id": "p", "amount": 5, "reason": "a pack"])
            _ = try await api.send(.post, "/v1/subscriptions/u1/cancel", ["reason": "moved away"])
            let log = try await api.send(.get, "/v1/audit-log?user_id=u1").json["data"]?.array ?? []
            #expect(
                log.map { [$0["action"], $0["target"], $0["reason"]] } == [
                    ["subscription.cancel", .null, "moved away"], ["usage.purchase", "p", "a pack"], ["usage.adjust", "a", "goodwill"],
                    ["event.void", "e", "a double click"], ["subscription.create", "pro", .null],
                ])
            #expect(log.allSatisfy { $0["actor"]?.string?.hasPrefix("key:") == true })
            let plans = try await api.send(.get, "/v1/audit-log?action=plan.put").json["data"]?.array ?? []
            #expect(Set(plans.map { $0["target"] }) == ["metered", "pro"])
            _ = try await api.send(.post, "/v1/admin/shops/acme/keys", as: "admin", ["name": "k", "scopes": ["read"], "reason": "for Ann"])
            let keys = try await api.send(.get, "/v1/audit-log?action=key.create&limit=1").json["data"]?.array?.first
            #expect(keys?["actor"] == "admin" && keys?["reason"] == "for Ann")
            #expect(try await api.send(.get, "/v1/audit-log?action=nonsense").wrongFields == ["action"])
            #expect(try await api.send(.get, "/v1/audit-log", as: "other").json["data"]?.array?.count == 1)
        }
    }

    @Test func `What was bought, set right and taken back is exported`() async throws {
        try await withUser { api in
            _ = try await api.record("u1", "e", 10)
            _ = try await void(api, "e", ["void_id": "v"])
            _ = try await api.send(.post, "/v1/usage/u1/adjustments", ["adjustment_id": "a", "amount": 5, "reason": "goodwill"])
            _ = try await api.send(.post, "/v1/usage/u1/purchases", ["purchase_id": "p", "amount": 5, "price": "1.00"])
            for (collection, field, id) in [
                ("event_voids", "void_id", "v"), ("adjustments", "adjustment_id", "a"), ("purchases", "purchase_id", "p"),
            ] {
                let rows = try await api.send(.get, "/v1/export/\(collection)", as: "read").lines
                #expect(rows.count == 1)
                #expect(try JSON(parsing: Array(rows[0].utf8))[field] == .string(id))
            }
            #expect(try await api.send(.get, "/v1/export/audit_log?format=csv").lines.count > 4)
            let bought = try await api.send(.get, "/v1/usage/u1/purchases").json["data"]?.array
            #expect(bought?.map { $0["price"] } == ["1.00"])
        }
    }
}
