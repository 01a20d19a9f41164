import HTTP
import JSON
import Metering
import Service
import Support
import Testing

@testable import API

struct CallRouteTests {
    private static let usage: JSON = [
        "prompt_tokens": 1_000, "completion_tokens": 500, "total_tokens": 1_500, "prompt_tokens_details": ["cached_tokens": 400],
        "completion_tokens_details": ["reasoning_tokens": 200], "queue_time": .number("0.037"),
    ]
    private static let call: JSON.Object = [
        "call_id": "c1", "user_id": "u1", "model": "openai/m", "usage": usage, "dimensions": ["page": "7"],
    ]

    /// A model that has prices, a plan of 10,000 tokens, and in the end an audit that finds nothing.
    private func withCalls(_ body: (TestAPI) async throws -> Void) async throws {
        try await withTestAPI { api in
            let price: JSON = [
                "input_per_million": "2.50", "output_per_million": "10", "markup_percent": "20",
                "classes": ["cache_read": ["per_million": "0.25", "tiers": ["batch": ["per_million": "0.1"]]]],
                "fallbacks": ["reasoning": "output"],
            ]
            #expect(try await api.send(.put, "/v1/models/m/price", price).status == 201)
            try await api.putPlan("pro", tokens: 10_000)
            _ = try await api.subscribe("u1", to: "pro")
            try await body(api)
            var findings: [AuditFinding] = []
            _ = try await api.service.audit(of: ShopID(stored: "acme"), found: { findings.append($0) }, progress: { _ in })
            #expect(findings == [])
        }
    }

    private func send(_ api: TestAPI, _ changes: JSON.Object = [:]) async throws -> TestAnswer {
        var body = Self.call
        for field in changes.fields { body[field.name] = field.value }
        return try await api.send(.post, "/v1/calls", .object(body))
    }

    private func used(_ api: TestAPI) async throws -> JSON? {
        try await api.send(.get, "/v1/usage/u1").json["balances"]?["tokens"]?["used"]
    }

    @Test func `A call is counted and charged in one step, once for its id`() async throws {
        try await withCalls { api in
            _ = try await api.send(.post, "/v1/users/u1/wallet")
            let made = try await send(api)
            #expect(made.status == 201 && made.json["duplicate"] == false)
            #expect(made.json["tokens"] == ["input": 600, "output": 300, "cache_read": 400, "reasoning": 200])
            // (600 × 2.50 + 400 × 0.25 + 500 × 10) ÷ 1,000,000 × 1.2
            #expect(made.json["cost"] == "0.00792" && made.json["own_cost"] == "0.0066" && made.json["currency"] == "EUR")
            #expect(made.json["costs"]?["reasoning"]?["fallback"] == "output" && made.json["costs"]?["reasoning"]?["cost"] == "0.0024")
            #expect(made.json["deducted_from"] == "user" && made.json["balance_after"] == "9.99208" && made.json["price_model"] == "m")
            let event = made.json["event"]
            #expect(event?["event_id"] == "c1" && event?["amount"] == 1_500 && event?["used"] == 1_500 && event?["remaining"] == 8_500)
            let again = try await send(api)
            #expect(again.status == 200 && again.json["duplicate"] == true && again.json["event"]?["duplicate"] == true)
            #expect(again.json["cost"] == made.json["cost"] && again.json["balance_after"] == "9.99208")
            #expect(try await send(api, ["dimensions": ["page": "8"]]).code == "idempotency_conflict")
            #expect(try await used(api) == 1_500)
            #expect(try await api.send(.get, "/v1/users/u1/wallet").json["balance"] == "9.99208")
            let breakdown = try await api.send(.get, "/v1/usage/u1/breakdown?group_by=model,page")
            #expect(breakdown.json["data"]?.array?.first?["model"] == "openai/m")
            let kept = try await api.send(.get, "/v1/calls/c1")
            #expect(kept.json["usage"] == Self.usage && kept.json["dimensions"] == ["page": "7"] && kept.json["cost"] == "0.00792")
            #expect(try await api.send(.get, "/v1/calls?user_id=u1").json["data"]?.array?.map { $0["call_id"] } == ["c1"])
            let table = try await api.send(.get, "/v1/export/calls?format=csv")
            #expect(table.lines.count == 2 && table.text.contains("c1,u1,"))
            #expect(try await api.send(.get, "/v1/calls?user_id=u2").json["data"] == [])
            #expect(try await api.send(.get, "/v1/calls/c1", as: "other").status == 404)
            #expect(try await api.send(.get, "/v1/charges").json["data"]?.array?.map { $0["charge_id"] } == ["c1"])
        }
    }

    @Test func `Without a wallet a call is only counted, and its cost is told`() async throws {
        try await withCalls { api in
            let made = try await send(api)
            #expect(made.status == 201 && made.json["cost"] == "0.00792" && made.json["deducted_from"] == .null)
            #expect(made.json["balance_after"] == .null && made.json["from_balance"] == "0.0000")
            #expect(try await used(api) == 1_500)
            #expect(try await send(api).json["duplicate"] == true)
        }
    }

    @Test func `A call that nobody can pay, or for which too little is left, changes nothing`() async throws {
        try await withCalls { api in
            _ = try await api.send(.post, "/v1/users/u1/wallet")
            let large: JSON = ["prompt_tokens": 0, "completion_tokens": 5_000_000]
            let unpaid = try await send(api, ["usage": large])
            #expect(unpaid.status == 402 && unpaid.code == "insufficient_balance" && unpaid.json["billing_error_id"] == "c1")
            #expect(unpaid.json["required"] == "60.0000" && unpaid.json["available"] == "10.0000")
            #expect(try await used(api) == 0)
            let error = try await api.send(.get, "/v1/billing-errors?resolved=false")
            #expect(error.json["data"]?.array?.map { $0["charge_id"] } == ["c1"])
            let limited = try await send(api, ["usage": ["prompt_tokens": 10_001], "enforce": true])
            #expect(limited.status == 402 && limited.code == "usage_limit_exceeded" && limited.json["available"] == 10_000)
            #expect(try await api.send(.get, "/v1/users/u1/wallet").json["balance"] == "10.0000")
            #expect(try await send(api).status == 201)
            #expect(try await api.send(.get, "/v1/billing-errors?resolved=false").json["data"] == [])
        }
    }

    @Test func `A project pays first, and one that is not there is not found`() async throws {
        try await withCalls { api in
            _ = try await api.send(.post, "/v1/projects", ["project_id": "p", "creator_id": "u1"])
            #expect(try await send(api, ["project_id": "q"]).status == 404)
            #expect(try await used(api) == 0)
            let made = try await send(api, ["project_id": "p", "service_tier": "batch"])
            #expect(made.json["deducted_from"] == "project" && made.json["service_tier"] == "batch")
            #expect(made.json["costs"]?["cache_read"]?["tier"] == "batch" && made.json["costs"]?["input"]?["tier"] == "standard")
        }
    }

    @Test func `A call ends its hold, and what was held is enough whatever others ask for`() async throws {
        try await withCalls { api in
            _ = try await api.send(.post, "/v1/users/u1/wallet")
            let body: JSON = ["call_id": "h", "user_id": "u1", "model": "m", "input_tokens": 1_000, "max_tokens": 8_000]
            let held = try await api.send(.post, "/v1/calls/hold", body)
            #expect(
                held.status == 201 && held.json["reservation_id"] == "h" && held.json["amount"] == 9_000 && held.json["remaining"] == 1_000)
            #expect(held.json["cost"] == "0.0990")
            #expect(try await api.send(.post, "/v1/calls/hold", body).status == 200)
            #expect(try await send(api, ["enforce": true]).code == "usage_limit_exceeded")
            let used = ["prompt_tokens": 1_000, "completion_tokens": 7_000] as JSON
            let made = try await send(api, ["call_id": "h", "usage": used, "hold": "h", "enforce": true])
            #expect(made.status == 201 && made.json["event"]?["remaining"] == 2_000)
            #expect(try await api.send(.get, "/v1/reservations/h").json["state"] == "committed")
            #expect(try await send(api, ["call_id": "i", "hold": "h"]).code == "invalid_transition")
            #expect(try await send(api, ["call_id": "j", "hold": "nothing"]).status == 404)
        }
    }

    @Test func `A hold that nobody can pay says its billing error, which the call resolves`() async throws {
        try await withCalls { api in
            _ = try await api.send(.post, "/v1/users/u1/wallet")
            let dear: JSON = ["call_id": "h", "user_id": "u1", "model": "m", "max_tokens": 1_000_000]
            for _ in 0..<2 {
                let refused = try await api.send(.post, "/v1/calls/hold", dear)
                #expect(refused.status == 402 && refused.code == "insufficient_balance" && refused.json["billing_error_id"] == "h")
            }
            let errors = try await api.send(.get, "/v1/billing-errors?resolved=false").json["data"]?.array ?? []
            #expect(errors.map { $0["charge_id"] } == ["h"] && errors[0]["refusals"] == 2 && errors[0]["required"] == "12.0000")
            #expect(try await api.send(.get, "/v1/reservations/h").status == 404)
            #expect(try await api.send(.get, "/v1/users/u1/wallet").json["balance"] == "10.0000")
            #expect(try await send(api, ["call_id": "h"]).status == 201)
            #expect(try await api.send(.get, "/v1/billing-errors?resolved=false").json["data"] == [])
        }
    }

    @Test func `A refused call leaves its hold as it was, and no call ends another user's hold or another meter's`() async throws {
        try await withCalls { api in
            _ = try await api.send(.post, "/v1/users/u1/wallet")
            let body: JSON = ["call_id": "h", "user_id": "u1", "model": "m", "input_tokens": 1_000, "max_tokens": 2_000]
            #expect(try await api.send(.post, "/v1/calls/hold", body).status == 201)
            func held() async throws -> [JSON?] {
                let balance = try await api.send(.get, "/v1/usage/u1").json["balances"]?["tokens"]
                return [try await api.send(.get, "/v1/reservations/h").json["state"], balance?["reserved"], balance?["used"]]
            }
            let open: [JSON?] = ["open", 3_000, 0]
            let dear: JSON = ["prompt_tokens": 0, "completion_tokens": 5_000_000]
            #expect(try await send(api, ["call_id": "h", "hold": "h", "usage": dear]).code == "insufficient_balance")
            #expect(try await held() == open)
            let much: JSON = ["prompt_tokens": 10_001, "completion_tokens": 0]
            #expect(try await send(api, ["call_id": "h", "hold": "h", "usage": much, "enforce": true]).code == "usage_limit_exceeded")
            #expect(try await held() == open)
            #expect(try await send(api, ["call_id": "k", "hold": "h", "user_id": "u2"]).status == 404)
            #expect(try await send(api, ["call_id": "k", "hold": "h", "meter": "pages"]).wrongFields == ["hold"])
            #expect(try await send(api, ["call_id": "k", "hold": "h", "model": "unknown"]).status == 422)
            #expect(try await held() == open)
            #expect(try await send(api, ["call_id": "h", "hold": "h"]).status == 201)
            #expect(try await held() == ["committed", 0, 1_500])
        }
    }

    @Test func `Meters of a plan that have the names of classes count those classes too, all or nothing`() async throws {
        try await withCalls { api in
            let plan: JSON = [
                "display_name": "Classes", "monthly_fee": "9.00",
                "allowances": ["tokens": 10_000, "cache_read": 1_000, "output": .null], "plain_meters": ["reasoning"],
            ]
            #expect(try await api.send(.put, "/v1/plans/classes", plan).status == 201)
            _ = try await api.subscribe("u2", to: "classes")
            func used() async throws -> [JSON?] {
                let balances = try await api.send(.get, "/v1/usage/u2").json["balances"]
                return ["tokens", "output", "cache_read", "reasoning", "input"].map { balances?[$0]?["used"] }
            }
            let made = try await send(api, ["user_id": "u2", "enforce": true])
            let classes = made.json["class_events"]?.array ?? []
            #expect(made.status == 201 && classes.map { $0["meter"] } == ["output", "cache_read", "reasoning"])
            #expect(classes.map { $0["amount"] } == [300, 400, 200] && classes[1]["remaining"] == 600)
            #expect(try await used() == [1_500, 300, 400, 200, nil])
            let again = try await send(api, ["user_id": "u2", "enforce": true])
            #expect(again.status == 200 && again.json["class_events"]?.array?.map { $0["amount"] } == [300, 400, 200])
            let much: JSON = ["prompt_tokens": 700, "completion_tokens": 1, "prompt_tokens_details": ["cached_tokens": 601]]
            let refused = try await send(api, ["call_id": "c2", "user_id": "u2", "usage": much, "enforce": true])
            #expect(refused.status == 402 && refused.code == "usage_limit_exceeded" && refused.json["available"] == 600)
            #expect(try await used() == [1_500, 300, 400, 200, nil])
            let events = try await api.send(.get, "/v1/events?reference_id=c1").json["data"]?.array ?? []
            #expect(events.count == 3 && events.allSatisfy { $0["dimensions"]?["model"] == "openai/m" })
            #expect(try await send(api, ["call_id": "c3"]).json["class_events"] == [])
        }
    }

    @Test func `An estimate says cost, wallet and allowance, and changes nothing`() async throws {
        try await withCalls { api in
            let body: JSON = [
                "user_id": "u1", "model": "m", "usage": ["input_tokens": 2_000, "cache_read_input_tokens": 9_000], "max_tokens": 100,
            ]
            let without = try await api.send(.post, "/v1/calls/estimate", body)
            #expect(without.status == 200 && without.json["sufficient"] == true && without.json["available"] == .null)
            #expect(without.json["allowed"] == false && without.json["amount"] == 11_100 && without.json["tokens_left"] == 10_000)
            #expect(without.json["cost"] == "0.0099" && without.json["tokens"] == ["input": 2_000, "output": 100, "cache_read": 9_000])
            _ = try await api.send(.post, "/v1/users/u1/wallet")
            let small: JSON = ["user_id": "u1", "model": "m", "input_tokens": 10]
            let with = try await api.send(.post, "/v1/calls/estimate", small)
            #expect(with.json["available"] == "10.0000" && with.json["allowed"] == true)
            #expect(try await used(api) == 0)
        }
    }

    @Test func `An id that an event or a charge has is not a call's`() async throws {
        try await withCalls { api in
            _ = try await api.send(.post, "/v1/users/u1/wallet")
            _ = try await api.record("u1", "e", 5)
            #expect(try await send(api, ["call_id": "e"]).code == "idempotency_conflict")
            let charge: JSON = ["charge_id": "d", "user_id": "u1", "model": "m", "input_tokens": 1, "output_tokens": 1]
            #expect(try await api.send(.post, "/v1/charges", charge).status == 201)
            #expect(try await send(api, ["call_id": "d"]).code == "idempotency_conflict")
            #expect(try await used(api) == 5)
        }
    }

    @Test func `The margin is what was charged less what was given back and what it cost the shop`() async throws {
        try await withCalls { api in
            _ = try await api.send(.post, "/v1/users/u1/wallet")
            _ = try await send(api)
            _ = try await send(api, ["call_id": "c2", "user_id": "u2"])
            let charge: JSON = ["charge_id": "d", "user_id": "u1", "model": "m", "input_tokens": 1_000_000, "output_tokens": 0]
            _ = try await api.send(.post, "/v1/charges", charge)
            _ = try await api.send(.post, "/v1/charges/d/refund", ["refund_id": "r", "amount": "0.50", "reason": "sorry"])
            func margin(_ query: String) async throws -> JSON { try await api.send(.get, "/v1/analytics/margin\(query)").json }
            let all = try await margin("")
            #expect(all["total"]?["uses"] == 3 && all["total"]?["charged"] == "3.00792" && all["total"]?["refunded"] == "0.5000")
            // 2.5 and twice 0.0066.
            #expect(all["total"]?["own_cost"] == "2.5132" && all["total"]?["margin"] == "-0.00528")
            #expect(all["total"]?["margin_percent"] == .number("-0.21") && all["data"]?.array?.map { $0["group"] } == ["m"])
            let users = try await margin("?group_by=user")
            #expect(users["data"]?.array?.map { $0["group"] } == ["u1", "u2"])
            #expect(users["data"]?.array?.last?["margin"] == "-0.0066" && users["data"]?.array?.last?["margin_percent"] == .null)
            #expect(try await margin("?group_by=day")["groups"] == 1)
            #expect(try await margin("?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z")["groups"] == 0)
            let long = try await api.send(.get, "/v1/analytics/margin?from=2020-01-01T00:00:00Z&to=2021-01-01T00:00:00Z")
            #expect(long.wrongFields == ["from"])
        }
    }

    @Test(
        arguments: [
            (["usage": ["prompt_tokens": 1, "total_tokens": 3]], "usage.total_tokens"), (["usage": "much"], "usage"),
            (["usage": [:]], "usage"),
            (["model": "unknown"], "model"), (["service_tier": "overnight"], "service_tier"), (["surprise": 1], "surprise"),
            (["usage": ["prompt_tokens": 1, "note": .string(String(repeating: "x", count: 16_384))]], "usage"),
        ] as [(JSON.Object, String)])
    func `A call that is not valid is refused by its field`(changes: JSON.Object, field: String) async throws {
        try await withCalls { api in
            let refused = try await send(api, changes)
            #expect(refused.status == 422 && refused.wrongFields == [field])
            #expect(try await used(api) == 0)
        }
    }

    @Test func `A class without a price and a fallback is refused by its name`() async throws {
        try await withCalls { api in
            let usage: JSON = ["prompt_tokens": 9, "prompt_tokens_details": ["audio_tokens": 3]]
            let refused = try await send(api, ["usage": usage])
            #expect(refused.status == 422 && refused.code == "price_missing" && refused.json["class"] == "input_audio")
        }
    }
}
