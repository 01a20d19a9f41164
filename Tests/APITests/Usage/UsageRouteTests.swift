import HTTP
import JSON
import Metering
import Support
import Testing

@testable import API

struct UsageRouteTests {
    @Test func `An event is answered with what it took, and once more as it was then`() async throws {
        try await withTestAPI { api in
            try await api.putPlan("pro", tokens: 100)
            _ = try await api.subscribe("u1", to: "pro")
            let event: JSON = [
                "event_id": "e1", "user_id": "u1", "amount": 120, "occurred_at": "2026-11-10T13:00:00+02:00", "reference_id": "doc-1",
                "description": "a \"summary\"", "dimensions": ["voice.slug": "ana", "model": "m1"],
            ]
            let first = try await api.send(.post, "/v1/usage", as: "usage", event)
            #expect(first.status == 201 && first.json["duplicate"] == false && first.json["recorded_at"] == "2026-11-10T12:00:00.000Z")
            #expect(
                first.json["breakdown"] == ["from_subscription": 100, "from_rollover": 0, "from_purchased": 0, "overflow_to_debt": 20])
            #expect(first.json["used"] == 100 && first.json["limit"] == 100 && first.json["remaining"] == 0)
            #expect(first.json["meter"] == "tokens" && first.json["alerts"]?.array?.map { $0["percent"] } == [50, 75, 80, 90, 100])
            _ = try await api.record("u1", "e2", 1)
            let again = try await api.send(.post, "/v1/usage", event)
            var expected = try #require(first.json.object)
            expected["duplicate"] = true
            #expect(again.status == 200 && again.json == .object(expected))
            let other = try await api.record("u1", "e1", 119)
            #expect(other.status == 409 && other.code == "idempotency_conflict")
            let log = try await api.send(.get, "/v1/usage/u1/events", as: "read")
            let logged = try #require(log.json["data"]?.array?.last)
            for name in ["event_id", "amount", "reference_id", "description"] { #expect(logged[name] == event[name], "\(name)") }
            #expect(logged["occurred_at"] == "2026-11-10T11:00:00.000Z" && logged["breakdown"] == first.json["breakdown"])
            #expect(logged["dimensions"] == ["model": "m1", "voice.slug": "ana"])
        }
    }

    @Test func `An enforced event with too little left is refused with the numbers, and nothing is recorded`() async throws {
        try await withTestAPI { api in
            try await api.putPlan("pro", tokens: 100)
            _ = try await api.subscribe("u1", to: "pro")
            _ = try await api.record("u1", "e1", 40)
            let refused = try await api.send(
                .post, "/v1/usage", ["event_id": "e2", "user_id": "u1", "amount": 61, "enforce": true])
            #expect(refused.status == 402 && refused.code == "usage_limit_exceeded")
            for (name, value) in [("meter", "tokens"), ("limit", 100), ("current", 40), ("requested", 61), ("available", 60)]
                as [(String, JSON)]
            {
                #expect(refused.json[name] == value, "\(name)")
            }
            #expect(try await api.send(.get, "/v1/usage/u1").json["usage"]?["tokens"] == 40)
            #expect(
                try await api.send(.post, "/v1/usage", ["event_id": "e2", "user_id": "u1", "amount": 60, "enforce": true]).status == 201)
        }
    }

    @Test func `The id comes from the body, else from the Idempotency-Key, else it is made`() async throws {
        try await withTestAPI { api in
            func post(_ body: JSON, _ key: String?) async throws -> TestAnswer {
                if let key { return try await api.send(.post, "/v1/usage", body, headers: ["idempotency-key": key]) }
                return try await api.send(.post, "/v1/usage", body)
            }
            let bare: JSON = ["user_id": "u1", "amount": 1]
            let keyed = try await post(bare, "k1")
            #expect(keyed.status == 201 && keyed.json["event_id"] == "k1")
            #expect(try await post(bare, "k1").json["duplicate"] == true)
            #expect(try await post(["user_id": "u1", "amount": 1, "event_id": "k1"], "k1").status == 200)
            let both = try await post(["user_id": "u1", "amount": 1, "event_id": "k2"], "k1")
            #expect(both.status == 201 && both.json["event_id"] == "k2")
            #expect(try await post(bare, "k\u{1}1").wrongFields == ["Idempotency-Key"])
            let made = try await post(bare, nil)
            #expect(made.status == 201 && made.json["event_id"]?.string?.hasPrefix("evt_") == true)
            #expect(try await post(bare, nil).json["event_id"] != made.json["event_id"])
            // An event's id is the user's: another user may have the same.
            #expect(try await post(["user_id": "u2", "amount": 1, "event_id": "k1"], nil).status == 201)
        }
    }

    private static let invalid: [(body: JSON, fields: [String])] = [
        (["amount": 1], ["user_id"]), (["user_id": "u1"], ["amount"]), (["user_id": "u1", "amount": -1], ["amount"]),
        (["user_id": "u1", "amount": 9_007_199_254_740_992], ["amount"]), (["user_id": "u1", "amount": .number("1.5")], ["amount"]),
        (["user_id": "u1", "amount": "1"], ["amount"]), (["user_id": "u1", "amount": nil], ["amount"]),
        (["user_id": 7, "amount": 1], ["user_id"]), (["user_id": "u1", "amount": 1, "metre": "calls"], ["metre"]),
        (["user_id": "u1", "amount": 1, "meter": ""], ["meter"]),
        (["user_id": "u1", "amount": 1, "occurred_at": "yesterday"], ["occurred_at"]),
        (["user_id": "u1", "amount": 1, "occurred_at": "2026-10-01T00:00:00Z"], ["occurred_at"]),
        (["user_id": "u1", "amount": 1, "occurred_at": "2026-11-10T12:05:01Z"], ["occurred_at"]),
        (["user_id": "u1", "amount": 1, "enforce": 1], ["enforce"]),
        (["user_id": "u1", "amount": 1, "dimensions": ["a b": "c"]], ["dimensions.a b"]),
        (["user_id": "u1", "amount": 1, "dimensions": ["a": ""]], ["dimensions.a"]),
        (["user_id": "u1", "amount": 1, "dimensions": ["a": 1]], ["dimensions.a"]),
        (["user_id": "u1", "amount": 1, "reference_id": .string(String(repeating: "r", count: 257))], ["reference_id"]),
        (["user_id": "u1", "amount": 1, "description": .string(String(repeating: "d", count: 1001))], ["description"]),
    ]

    @Test func `An event that is not valid is refused by its field`() async throws {
        try await withTestAPI { api in
            for (body, fields) in Self.invalid {
                let answer = try await api.send(.post, "/v1/usage", body)
                #expect(answer.status == 422 && answer.wrongFields == fields, "\(body)")
            }
        }
    }

    private static let details: JSON = ["steps": [1, 2], "ok": true, "nothing": .null, "text": "é\u{0}"]

    private func event(_ details: JSON) -> JSON { ["event_id": "e", "user_id": "u1", "amount": 1, "details": details] }

    @Test func `An event keeps details, any JSON of at most 4 KB`() async throws {
        try await withTestAPI { api in
            let made = try await api.send(.post, "/v1/usage", event(Self.details))
            let again = try await api.send(.post, "/v1/usage", event(Self.details))
            #expect(made.status == 201 && again.status == 200)
            #expect(try await api.send(.post, "/v1/usage", event(7)).code == "idempotency_conflict")
            #expect(try await api.send(.get, "/v1/usage/u1/events").json["data"]?.array?.first?["details"] == Self.details)
            let large = event(.string(String(repeating: "x", count: 4_095)))
            #expect(try await api.send(.post, "/v1/usage", large).wrongFields == ["details"])
        }
    }

    @Test func `A purchase with which the next period's sum would be too large is refused`() async throws {
        try await withTestAPI { api in
            try await api.putPlan("pro", tokens: 1_000)
            _ = try await api.subscribe("u1", to: "pro")
            func buy(_ amount: Int64) async throws -> TestAnswer {
                try await api.send(.post, "/v1/usage/u1/purchases", ["purchase_id": .string("p\(amount)"), "amount": .integer(amount)])
            }
            #expect(try await buy(Quantity.largest - 999).wrongFields == ["amount"])
            #expect(try await buy(Quantity.largest - 1_000).json["remaining"] == .integer(Quantity.largest))
        }
    }

    @Test func `The largest amount is taken once, as no total may pass it`() async throws {
        try await withTestAPI { api in
            let largest: Int64 = 9_007_199_254_740_991
            #expect(try await api.record("u1", "e1", largest).status == 201)
            let over = try await api.record("u1", "e2", largest)
            #expect(over.status == 422 && over.wrongFields == ["amount"])
            #expect(try await api.record("u1", "e3", 1).status == 201)
            #expect(try await api.send(.get, "/v1/usage/u1").json["lifetime"]?["tokens"] == .integer(largest))
        }
    }

    @Test func `The summary of a subscriber says what is allowed, used and left`() async throws {
        try await withTestAPI { api in
            let plan: JSON = [
                "display_name": "Pro", "allowances": ["tokens": 1000, "calls": nil], "rollover_caps": ["tokens": 100],
                "plain_meters": ["pages"],
            ]
            #expect(try await api.send(.put, "/v1/plans/pro", plan).status == 201)
            _ = try await api.subscribe("u1", to: "pro")
            _ = try await api.record("u1", "e1", 250)
            _ = try await api.send(.post, "/v1/usage", ["user_id": "u1", "amount": 3, "meter": "calls"])
            let summary = try await api.send(.get, "/v1/usage/u1", as: "read").json
            #expect(summary["plan"] == ["plan_name": "pro", "display_name": "Pro"] && summary["subscription"]?["status"] == "active")
            #expect(summary["limits"] == ["tokens": 1000, "api_calls": 0, "calls": nil, "pages": nil])
            #expect(summary["usage"] == ["tokens": 250, "api_calls": 0, "calls": 3, "pages": 0])
            #expect(
                summary["balances"]?["tokens"] == [
                    "limit": 1000, "used": 250, "rollover": 0, "purchased": 0, "reserved": 0, "remaining": 750, "usage_percentage": 25,
                ])
            #expect(summary["totals"] == ["tokens": 250, "queries": 1, "peak_tokens": 250, "avg_tokens_per_query": 250])
            #expect(summary["period"]?["days_remaining"] == 30 && summary["monthly_summary"] == [])
            #expect(summary["tier"] == "pro" && summary["is_canceling"] == false && summary["cancel_at"] == .null)
            #expect(summary["peak_daily_usage"] == 250 && summary["weekly_usage"] == 250)
            api.clock.move(to: "2026-12-11T00:00:00Z")
            let next = try await api.send(.get, "/v1/usage/u1").json
            #expect(next["balances"]?["tokens"]?["rollover"] == 100 && next["daily"] == [] && next["totals"]?["tokens"] == 0)
            let closed = try #require(next["monthly_summary"]?.array?.first)
            #expect(closed["tokens"] == 250 && closed["peak_day"] == "2026-11-10" && closed["plan_name"] == "pro")
            #expect(closed["reason"] == "period_end" && closed["reset_date"] == "2026-12-10T12:00:00.000Z")
            #expect(closed["meters"]?["tokens"] == ["limit": 1000, "used": 250, "carried_over": 100, "overage": 0])
        }
    }

    @Test func `A plain meter with a limit is counted past it, without debt, and refused where that is asked`() async throws {
        try await withTestAPI { api in
            let plan: JSON = ["monthly_fee": "9", "allowances": ["tokens": 1_000, "pages": 10], "plain_meters": ["pages"]]
            #expect(try await api.send(.put, "/v1/plans/pro", plan).status == 201)
            _ = try await api.subscribe("u1", to: "pro")
            func use(_ amount: Int64, enforce: Bool = false) async throws -> TestAnswer {
                let body: JSON = ["user_id": "u1", "meter": "pages", "amount": .integer(amount), "enforce": .bool(enforce)]
                return try await api.send(.post, "/v1/usage", body)
            }
            let past = try await use(15)
            #expect(past.json["breakdown"]?["from_subscription"] == 15 && past.json["breakdown"]?["overflow_to_debt"] == 0)
            #expect(past.json["limit"] == 10 && past.json["remaining"] == 0)
            #expect(try await use(1, enforce: true).code == "usage_limit_exceeded")
            _ = try await api.send(.post, "/v1/subscriptions/u1/reset", [:])
            let next = try await api.send(.get, "/v1/usage/u1").json
            #expect(next["balances"]?["pages"]?["rollover"] == 0 && next["balances"]?["pages"]?["remaining"] == 10)
            #expect(next["monthly_summary"]?.array?.last?["reason"] == "reset")
        }
    }

    @Test func `A user whom nobody knows is on the free plan, and has used nothing`() async throws {
        try await withTestAPI { api in
            let summary = try await api.send(.get, "/v1/usage/stranger").json
            #expect(summary["plan"]?["plan_name"] == "free" && summary["subscription"] == .null)
            #expect(summary["limits"] == ["tokens": 100_000, "api_calls": 300])
            #expect(try await api.send(.get, "/v1/usage/stranger/events").json == ["data": [], "next_cursor": nil])
        }
    }

    @Test func `The log is newest first, narrowed by time and meter, and another shop's is empty`() async throws {
        try await withTestAPI { api in
            for (index, time) in ["2026-11-09T00:00:00Z", "2026-11-08T00:00:00Z", "2026-11-08T00:00:00Z"].enumerated() {
                let event: JSON = [
                    "event_id": .string("e\(index)"), "user_id": "u1", "amount": 1, "occurred_at": .string(time),
                    "meter": index == 2 ? "calls" : "tokens",
                ]
                #expect(try await api.send(.post, "/v1/usage", event).status == 201)
            }
            func ids(_ query: String, as who: String = "all") async throws -> [JSON?] {
                try await api.send(.get, "/v1/usage/u1/events?\(query)", as: who).json["data"]?.array?.map { $0["event_id"] } ?? []
            }
            #expect(try await ids("") == ["e0", "e2", "e1"])
            #expect(try await ids("from=2026-11-09T00:00:00Z") == ["e0"])
            #expect(try await ids("to=2026-11-09T00:00:00Z") == ["e2", "e1"])
            #expect(try await ids("meter=calls") == ["e2"])
            #expect(try await ids("", as: "other") == [])
            let first = try await api.send(.get, "/v1/usage/u1/events?limit=2")
            let cursor = try #require(first.json["next_cursor"]?.string)
            _ = try await api.record("u1", "later", 1)
            #expect(try await ids("cursor=\(cursor)") == ["e1"])
            for query in ["from=today", "limit=0", "limit=201", "cursor=abc", "meter=a+b&meter=c", "since=2026-11-09T00:00:00Z"] {
                #expect(try await api.send(.get, "/v1/usage/u1/events?\(query)").status == 422, "\(query)")
            }
        }
    }
}
