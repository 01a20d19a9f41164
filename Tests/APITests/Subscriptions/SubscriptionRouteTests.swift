import HTTP
import JSON
import Support
import Testing

@testable import API

struct SubscriptionRouteTests {
    @Test func `A creation answers the terms of the plan`() async throws {
        try await withTestAPI { api in
            try await api.putPlan("pro", tokens: 1000)
            let made = try await api.subscribe("u1", to: "pro")
            #expect(made.status == 201)
            let expected: [(String, JSON)] = [
                ("user_id", "u1"), ("shop_id", "acme"), ("plan_name", "pro"), ("plan_display_name", "pro"), ("allocated_tokens", 1000),
                ("monthly_fee", "29.00"), ("currency", "EUR"), ("status", "active"), ("current_period_start", "2026-11-10T12:00:00.000Z"),
                ("current_period_end", "2026-12-10T12:00:00.000Z"), ("next_billing_date", "2026-12-10T12:00:00.000Z"),
                ("current_usage", 0), ("remaining_tokens", 1000), ("usage_percentage", 0), ("action_performed", "create"),
                ("previous_plan", nil), ("effective_date", "2026-11-10T12:00:00.000Z"), ("message", "Subscribed to pro."),
            ]
            for (name, value) in expected { #expect(made.json[name] == value, "\(name)") }
            #expect(made.json.object?.fields.count == expected.count + 1 && made.json["subscription_id"]?.string?.utf8.count == 24)
        }
    }

    @Test func `What the body says goes before the catalog, and null is unlimited`() async throws {
        try await withTestAPI { api in
            let made = try await api.send(
                .post, "/v1/subscriptions",
                [
                    "user_id": "u1", "action": "create", "plan_name": "special", "plan_display_name": "Special", "allocated_tokens": nil,
                    "monthly_fee": "0.0000001", "currency": "USD", "billing_cycle": "days:10", "trial_days": 3,
                ])
            #expect(made.status == 201 && made.json["allocated_tokens"] == .null && made.json["remaining_tokens"] == .null)
            #expect(made.json["monthly_fee"] == "0.0000001" && made.json["currency"] == "USD" && made.json["status"] == "trialing")
            #expect(made.json["usage_percentage"] == 0 && made.json["current_period_end"] == "2026-11-13T12:00:00.000Z")
        }
    }

    @Test func `An upgrade keeps the usage, and a downgrade below it leaves nothing`() async throws {
        try await withTestAPI { api in
            for (name, tokens) in [("basic", 100), ("pro", 1000)] as [(String, JSON)] { try await api.putPlan(name, tokens: tokens) }
            _ = try await api.subscribe("u1", to: "basic")
            #expect(try await api.record("u1", "e1", 70).json["remaining"] == 30)
            let up = try await api.subscribe("u1", to: "pro", action: "upgrade")
            #expect(up.status == 200 && up.json["previous_plan"] == "basic" && up.json["action_performed"] == "upgrade")
            #expect(up.json["current_usage"] == 70 && up.json["remaining_tokens"] == 930 && up.json["usage_percentage"] == 7)
            _ = try await api.record("u1", "e2", 200)
            let down = try await api.subscribe("u1", to: "basic", action: "downgrade")
            #expect(down.json["status"] == "active" && down.json["remaining_tokens"] == 0 && down.json["message"] == "Downgraded to basic.")
        }
    }

    @Test func `A preview says what the change bills and changes nothing`() async throws {
        try await withTestAPI { api in
            for (name, tokens, fee) in [("basic", 100, "10.00"), ("pro", 1000, "40.00")] as [(String, JSON, JSON)] {
                try await api.putPlan(name, tokens: tokens, fee: fee)
            }
            _ = try await api.subscribe("u1", to: "basic")
            api.clock.move(to: "2026-11-25T12:00:00Z")
            let asked: JSON = ["user_id": "u1", "action": "upgrade", "plan_name": "pro"]
            let before = try await api.send(.get, "/v1/subscriptions/u1?include_history=true").json
            let preview = try await api.send(.post, "/v1/subscriptions/preview", asked)
            #expect(preview.status == 200 && preview.json["subscription"]?["remaining_tokens"] == 1000)
            let invoices = try #require(preview.json["invoices"]?.array)
            #expect(invoices.count == 1 && invoices[0]["kind"] == "change" && invoices[0]["lines"]?.array?.isEmpty == false)
            #expect(try await api.send(.get, "/v1/subscriptions/u1?include_history=true").json == before)
            #expect(try await api.send(.get, "/v1/invoices").json["data"]?.array?.isEmpty == true)
            #expect(try await api.send(.get, "/v1/audit-log?action=subscription.upgrade").json["data"]?.array?.isEmpty == true)
            #expect(try await api.send(.post, "/v1/subscriptions", asked).status == 200)
            #expect(try await api.send(.get, "/v1/invoices").json["data"]?.array == invoices)
            let later: JSON = ["user_id": "u1", "action": "downgrade", "plan_name": "basic", "effective": "period_end"]
            #expect(try await api.send(.post, "/v1/subscriptions/preview", later).json["invoices"] == [])
            #expect(try await api.send(.get, "/v1/subscriptions/u1").json["pending_change"] == .null)
            #expect(
                try await api.send(.post, "/v1/subscriptions/preview", ["user_id": "u1", "action": "change", "plan_name": "no"]).status
                    == 422)
        }
    }

    @Test func `A change for the period's end waits, and is shown as pending`() async throws {
        try await withTestAPI { api in
            for (name, tokens) in [("basic", 100), ("pro", 1000)] as [(String, JSON)] { try await api.putPlan(name, tokens: tokens) }
            _ = try await api.subscribe("u1", to: "pro")
            let later = try await api.send(
                .post, "/v1/subscriptions",
                ["user_id": "u1", "action": "downgrade", "plan_name": "basic", "effective": "period_end", "billing_cycle": "yearly"])
            #expect(later.json["plan_name"] == "pro" && later.json["effective_date"] == "2026-12-10T12:00:00.000Z")
            let status = try await api.send(.get, "/v1/subscriptions/u1")
            #expect(
                status.json["pending_change"] == [
                    "action": "downgrade", "plan_name": "basic", "allocated_tokens": 100, "monthly_fee": "29.00",
                    "billing_cycle": "yearly", "effective_date": "2026-12-10T12:00:00.000Z",
                ])
            #expect(status.json["next_billing_amount"] == "348.00")
        }
    }

    @Test func `The status has its history when it is asked for`() async throws {
        try await withTestAPI { api in
            for (name, tokens) in [("free", 10), ("pro", 1000)] as [(String, JSON)] { try await api.putPlan(name, tokens: tokens) }
            _ = try await api.subscribe("u1", to: "pro")
            for (event, amount) in [("e1", 700), ("e2", 201)] as [(String, Int64)] { _ = try await api.record("u1", event, amount) }
            let plain = try await api.send(.get, "/v1/subscriptions/u1", as: "read")
            #expect(plain.json["usage_percentage"] == .number("90.1") && plain.json["avg_daily_usage"] == 901)
            #expect(plain.json["projected_monthly_usage"] == 27030 && plain.json["usage_trend"] == "stable")
            #expect(plain.json["days_remaining_in_period"] == 30 && plain.json["billing_cycle"] == "monthly")
            #expect(plain.json["alerts"]?.array?.first?["type"] == "error" && plain.json["recommendations"]?.array?.count == 1)
            #expect(plain.json["usage_history"]?["daily"] == [] && plain.json["plan_history"] == [])
            #expect(plain.json["action_performed"] == "create")
            let full = try await api.send(.get, "/v1/subscriptions/u1?include_history=true")
            #expect(
                full.json["usage_history"] == [
                    "daily": [
                        ["date": "2026-11-10", "tokens": 901, "queries": 2, "peak_tokens": 700, "avg_tokens_per_query": .number("450.5")]
                    ], "total_queries": 2, "avg_tokens_per_query": .number("450.5"),
                ])
            let key = try #require(api.tokens["all"]?.split(separator: "_").dropFirst().first)
            #expect(
                full.json["plan_history"] == [
                    [
                        "plan": "pro", "tokens": 1000, "fee": "29.00", "start_date": "2026-11-10T12:00:00.000Z", "end_date": nil,
                        "change_reason": "create", "note": nil, "changed_by": .string("key:\(key)"),
                    ]
                ])
        }
    }

    @Test func `The history has the days of the last 30, whatever period they were in, a day of two periods once`() async throws {
        try await withTestAPI { api in
            try await api.putPlan("pro", tokens: 1000)
            _ = try await api.subscribe("u1", to: "pro")
            _ = try await api.record("u1", "e1", 5)
            api.clock.move(to: "2026-12-10T11:00:00Z")
            _ = try await api.record("u1", "e2", 7)
            api.clock.move(to: "2026-12-10T13:00:00Z")
            for isStored in [false, true] {
                if isStored { _ = try await api.record("u1", "e3", 11) }
                let history = try await api.send(.get, "/v1/subscriptions/u1?include_history=true").json["usage_history"]
                let days = history?["daily"]?.array ?? []
                #expect(days.map { $0["date"] } == ["2026-12-10"], "10 November is the 31st")
                #expect(days.first?["tokens"] == (isStored ? 18 : 7))
                #expect(history?["total_queries"] == (isStored ? 1 : 0))
            }
            api.clock.move(to: "2026-12-09T13:00:00Z")
            let days = try await api.send(.get, "/v1/subscriptions/u1?include_history=true").json["usage_history"]?["daily"]?.array
            #expect(days?.map { $0["date"] } == ["2026-11-10", "2026-12-10"])
        }
    }

    @Test func `Steps answer the status after them, and one that the lifecycle does not have is refused`() async throws {
        try await withTestAPI { api in
            try await api.putPlan("pro", tokens: 1000)
            _ = try await api.subscribe("u1", to: "pro")
            func step(_ name: String, _ body: JSON? = nil) async throws -> TestAnswer {
                try await api.send(.post, "/v1/subscriptions/u1/\(name)", as: "manage", body)
            }
            #expect(try await step("resume").code == "invalid_transition")
            let suspended = try await step("suspend", ["reason": "unpaid"])
            #expect(suspended.json["status"] == "suspended" && suspended.json["action_performed"] == "suspend")
            #expect(try await step("resume", [:]).json["status"] == "active")
            let ending = try await step("cancel")
            #expect(ending.json["cancel_at_period_end"] == true && ending.json["cancel_at"] == "2026-12-10T12:00:00.000Z")
            #expect(ending.json["next_billing_date"] == .null && ending.json["next_billing_amount"] == .null)
            #expect(ending.json["effective_date"] == "2026-12-10T12:00:00.000Z")
            #expect(try await step("resume").json["cancel_at_period_end"] == false)
            _ = try await api.record("u1", "e1", 10)
            let reset = try await step("reset")
            #expect(reset.json["current_usage"] == 0 && reset.json["action_performed"] == "reset")
            let over = try await step("cancel", ["at": "now"])
            #expect(over.json["status"] == "canceled" && over.json["cancel_at"] == "2026-11-10T12:00:00.000Z")
            for name in ["cancel", "resume", "reset"] { #expect(try await step(name).code == "invalid_transition") }
        }
    }

    @Test func `An Idempotency-Key is done once and answered as it was then`() async throws {
        try await withTestAPI { api in
            try await api.putPlan("pro", tokens: 1000)
            let body: JSON = ["user_id": "u1", "action": "create", "plan_name": "pro"]
            let first = try await api.send(.post, "/v1/subscriptions", body, headers: ["idempotency-key": "k1"])
            _ = try await api.record("u1", "e1", 10)
            let again = try await api.send(.post, "/v1/subscriptions", body, headers: ["idempotency-key": "k1"])
            var expected = try #require(first.json.object)
            expected["duplicate"] = true
            #expect(first.status == 201 && again.status == 200 && again.json == .object(expected))
            let other = try await api.send(
                .post, "/v1/subscriptions", ["user_id": "u2", "action": "create", "plan_name": "pro"], headers: ["idempotency-key": "k1"])
            #expect(other.status == 409 && other.code == "idempotency_conflict")
            let bad = try await api.send(.post, "/v1/subscriptions", body, headers: ["idempotency-key": "k\u{1}1"])
            #expect(bad.status == 422 && bad.wrongFields == ["Idempotency-Key"])
        }
    }

    @Test func `A list is narrowed by status and plan, and goes on where it stopped`() async throws {
        try await withTestAPI { api in
            for name in ["basic", "pro"] { try await api.putPlan(name, tokens: 10) }
            for (user, plan) in [("u1", "pro"), ("u2", "basic"), ("u3", "pro")] { _ = try await api.subscribe(user, to: plan) }
            _ = try await api.send(.post, "/v1/subscriptions/u3/cancel", ["at": "now"])
            func users(_ query: String, as who: String = "all") async throws -> [JSON?] {
                try await api.send(.get, "/v1/subscriptions?\(query)", as: who).json["data"]?.array?.map { $0["user_id"] } ?? []
            }
            #expect(try await users("status=active") == ["u1", "u2"])
            #expect(try await users("plan_name=pro") == ["u1", "u3"])
            #expect(try await users("status=canceled&plan_name=pro") == ["u3"])
            #expect(try await users("limit=5", as: "other") == [])
            let first = try await api.send(.get, "/v1/subscriptions?limit=2")
            let cursor = try #require(first.json["next_cursor"]?.string)
            #expect(try await users("cursor=\(cursor)") == ["u3"])
        }
    }

    private static let invalid: [(body: JSON, fields: [String])] = [
        (["action": "create", "plan_name": "pro"], ["user_id"]),
        (["user_id": "u\u{1}1", "action": "create", "plan_name": "pro"], ["user_id"]),
        (["user_id": "u1", "action": "begin", "plan_name": "pro"], ["action"]),
        (["user_id": "u1", "action": "create", "plan_name": "none"], ["allocated_tokens"]),
        (["user_id": "u1", "action": "create", "plan_name": "none", "allocated_tokens": 1], ["monthly_fee"]),
        (["user_id": "u1", "action": "create", "plan_name": "pro", "billing_cycle": "weekly"], ["billing_cycle"]),
        (["user_id": "u1", "action": "create", "plan_name": "pro", "plan": "pro"], ["plan"]),
    ]

    @Test func `A request that is not valid is refused by its field`() async throws {
        try await withTestAPI { api in
            try await api.putPlan("pro", tokens: 1000)
            for (body, fields) in Self.invalid {
                let answer = try await api.send(.post, "/v1/subscriptions", body)
                #expect(answer.status == 422 && answer.wrongFields == fields, "\(body)")
            }
        }
    }

    @Test func `A user without a subscription, or of another shop, is not found`() async throws {
        try await withTestAPI { api in
            try await api.putPlan("pro", tokens: 1000)
            _ = try await api.subscribe("u1", to: "pro")
            for (user, who) in [("u1", "other"), ("u2", "all")] {
                #expect(try await api.send(.get, "/v1/subscriptions/\(user)", as: who).code == "not_found")
                #expect(try await api.send(.post, "/v1/subscriptions/\(user)/cancel", as: who).code == "not_found")
            }
            #expect(try await api.subscribe("u2", to: "pro", action: "upgrade").status == 201, "it makes one")
            #expect(try await api.send(.post, "/v1/subscriptions/u1/suspend", [:]).wrongFields == ["reason"])
            #expect(try await api.send(.post, "/v1/subscriptions/u1/cancel", ["at": "once"]).wrongFields == ["at"])
            #expect(try await api.send(.post, "/v1/subscriptions/u1/resume", ["at": "now"]).wrongFields == ["at"])
        }
    }
}
