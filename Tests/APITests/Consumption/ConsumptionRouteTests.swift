import HTTP
import JSON
import Metering
import Service
import Support
import Testing
import Web

@testable import API
@testable import Store

struct ConsumptionRouteTests {
    private static let report = "/v1/billing/consumption"

    private func count(_ api: TestAPI, _ fields: JSON, key: String? = nil) async throws -> TestAnswer {
        let headers: KeyValuePairs<String, String> = key.map { ["idempotency-key": $0] } ?? [:]
        return try await api.send(.post, "/v1/consumption", as: "billing", fields, headers: headers)
    }

    private func report(_ api: TestAPI, _ query: String = "month=2026-11&user_id=u1", as who: String = "billing") async throws -> TestAnswer
    {
        try await api.send(.get, "\(Self.report)?\(query)", as: who)
    }

    @Test func `Calls are counted with the month's total, and once for a key`() async throws {
        try await withTestAPI { api in
            let made = try await count(api, ["user_id": "u1", "endpoint": "/v1/chat completions?é"], key: "k")
            #expect(made.status == 201)
            #expect(
                made.json == [
                    "user_id": "u1", "endpoint": "/v1/chat completions?é", "date": "2026-11-10", "api_calls": 1, "total_api_calls": 1,
                    "duplicate": false,
                ])
            let more: JSON = ["user_id": "u1", "endpoint": "/b", "api_calls": 1_000_000, "date": "2026-11-02"]
            #expect(try await count(api, more).json["total_api_calls"] == 1_000_001)
            let again = try await count(api, ["user_id": "u1", "endpoint": "/v1/chat completions?é"], key: "k")
            #expect(again.status == 200 && again.json["duplicate"] == true && again.json["total_api_calls"] == 1)
            let other = try await count(api, more, key: "k")
            #expect(other.status == 409 && other.code == "idempotency_conflict")
            #expect(try await report(api).json["consumption"]?["total_api_calls"] == 1_000_001)
        }
    }

    private static let refused: [(fields: JSON, field: String)] = [
        ([:], "user_id"), (["user_id": "u\u{1}1"], "user_id"), (["endpoint": ""], "endpoint"), (["endpoint": .null], "endpoint"),
        (["endpoint": "a\u{0}b"], "endpoint"), (["endpoint": .string(String(repeating: "\u{1F600}", count: 201))], "endpoint"),
        (["endpoint": ["$ne": 1]], "endpoint"), (["api_calls": 0], "api_calls"), (["api_calls": -1], "api_calls"),
        (["api_calls": 1_000_001], "api_calls"), (["api_calls": "1"], "api_calls"), (["api_calls": .number("1.5")], "api_calls"),
        (["date": "2026-02-30"], "date"), (["date": "2026-11"], "date"), (["date": "2026-11-10T00:00:00Z"], "date"),
        (["date": "2026-11-11"], "date"), (["date": "2026-10-05"], "date"), (["calls": 1], "calls"),
    ]

    @Test func `What cannot be counted is refused by its field`() async throws {
        try await withTestAPI { api in
            for (fields, field) in Self.refused {
                var body: JSON.Object = field == "user_id" ? ["endpoint": "/a"] : ["user_id": "u1", "endpoint": "/a"]
                for given in fields.object?.fields ?? [] { body[given.name] = given.value }
                let answer = try await count(api, .object(body))
                #expect(answer.status == 422 && answer.wrongFields == [field], "\(fields): \(answer.text)")
            }
            let longest = JSON.string(String(repeating: "\u{1F600}", count: 200))
            let oldest: JSON = ["user_id": "u1", "endpoint": longest, "date": "2026-10-06", "api_calls": 1_000_000]
            #expect(try await count(api, oldest).status == 201)
            #expect(try await report(api).json["consumption"]?["total_api_calls"] == 0)
        }
    }

    @Test func `A month without anything is zeros, of a user whom nobody knows too`() async throws {
        try await withTestAPI { api in
            let answer = try await report(api, "month=2020-02&user_id=nobody")
            #expect(answer.status == 200 && answer.headers["x-billing-alert"] == nil)
            #expect(
                answer.json == [
                    "user_id": "nobody", "plan": "free", "month": "2020-02",
                    "consumption": [
                        "total_api_calls": 0, "limit_api_calls": 300, "usage_pct": 0, "total_tokens": 0, "limit_tokens": 100_000,
                        "tokens_pct": 0,
                    ], "alerts": [],
                ])
        }
    }

    @Test func `Near a limit, and at it, the report and its header say so`() async throws {
        try await withTestAPI { api in
            _ = try await api.record("u1", "e", 79_995)
            _ = try await count(api, ["user_id": "u1", "endpoint": "/a", "api_calls": 239])
            let below = try await report(api)
            #expect(below.json["alerts"] == [] && below.headers["x-billing-alert"] == nil)
            #expect(below.json["consumption"]?["usage_pct"] == .number("79.67"))
            #expect(below.json["consumption"]?["tokens_pct"] == 80)
            _ = try await count(api, ["user_id": "u1", "endpoint": "/b"])
            let near = try await report(api)
            #expect(near.headers.values(of: "x-billing-alert") == ["soft_limit_warning"])
            #expect(
                near.json["alerts"] == [
                    [
                        "type": "soft", "metric": "api_calls", "message": "80% of the month's API calls are used.", "current": 240,
                        "limit": 300,
                    ]
                ])
            _ = try await api.record("u1", "f", 20_005)
            let reached = try await report(api)
            #expect(reached.headers.values(of: "x-billing-alert") == ["hard_limit_reached"])
            #expect(reached.json["alerts"]?.array?.map { $0["type"] } == ["soft", "hard"])
            #expect(reached.json["consumption"]?["total_tokens"] == 100_000)
        }
    }

    @Test func `The same fields in another order are the same request; two keys are none`() async throws {
        try await withTestAPI { api in
            #expect(try await count(api, ["user_id": "u1", "endpoint": "/a"], key: "k").status == 201)
            let again = try await count(api, ["endpoint": "/a", "user_id": "u1"], key: "k")
            #expect(again.status == 200 && again.json["duplicate"] == true && again.json["total_api_calls"] == 1)
            let two = try await api.send(
                .post, "/v1/consumption", ["user_id": "u1", "endpoint": "/a"],
                headers: ["idempotency-key": "k", "idempotency-key": "l"])
            #expect(two.status == 422 && two.wrongFields == ["Idempotency-Key"])
        }
    }

    @Test func `A plan's own limits count, and where it names none those of the operator for its name, of an unknown name free's`()
        async throws
    {
        try await withTestAPI { api in
            for (plan, allowances, limits) in [
                ("gold", ["tokens": .null], [300, .null]), ("premium", ["tokens": 7], [3_000, 7]),
                ("pro", ["tokens": 7, "api_calls": 9], [9, 7]),
            ] as [(String, JSON, [JSON?])] {
                _ = try await api.send(.put, "/v1/plans/\(plan)", ["allowances": allowances])
                _ = try await api.subscribe("u1", to: plan)
                let answer = try await report(api).json
                #expect(answer["plan"] == .string(plan) && answer["alerts"] == [])
                #expect([answer["consumption"]?["limit_api_calls"], answer["consumption"]?["limit_tokens"]] == limits)
            }
        }
    }

    @Test func `The log is listed and exported by user, day and endpoint`() async throws {
        try await withTestAPI { api in
            for (user, endpoint, day) in [
                ("u1", "/a", "2026-11-02"), ("u1", "/b", "2026-11-02"), ("u1", "/a", "2026-11-09"), ("u2", "/a", "2026-11-02"),
            ] {
                _ = try await count(api, ["user_id": .string(user), "endpoint": .string(endpoint), "date": .string(day)])
            }
            func days(_ query: String) async throws -> [[JSON?]] {
                let answer = try await api.send(.get, "/v1/consumption\(query)").json
                return (answer["data"]?.array ?? []).map { [$0["user_id"], $0["date"], $0["endpoint"]] }
            }
            #expect(
                try await days("?user_id=u1") == [["u1", "2026-11-09", "/a"], ["u1", "2026-11-02", "/b"], ["u1", "2026-11-02", "/a"]])
            #expect(try await days("?user_id=u1&from=2026-11-03").count == 1)
            #expect(try await days("?user_id=u1&to=2026-11-08").count == 2)
            #expect(try await days("?from=2026-11-02&to=2026-11-02").count == 3)
            let first = try await api.send(.get, "/v1/consumption?limit=2").json
            let cursor = try #require(first["next_cursor"]?.string)
            #expect(try await days("?limit=2&cursor=\(cursor)").count == 2)
            #expect(try await api.send(.get, "/v1/export/consumption_log").lines.count == 4)
        }
    }

    @Test func `A month counts by when an event happened, against the plan of that month; without one it is the present`() async throws {
        try await withTestAPI { api in
            try await api.putPlan("gold", tokens: 500)
            _ = try await api.record("u1", "a", 10)
            api.clock.advance(seconds: 22 * 86_400)
            _ = try await api.subscribe("u1", to: "gold")
            let late: JSON = ["user_id": "u1", "event_id": "late", "amount": 5, "occurred_at": "2026-11-29T10:00:00Z"]
            let answer = try await api.send(.post, "/v1/usage", late)
            #expect(answer.json["counted_in"]?["start"] == "2026-12-02T12:00:00.000Z" && answer.json["used"] == 5)
            let again = try await api.send(.post, "/v1/usage", late)
            #expect(again.status == 200 && again.json["counted_in"] == answer.json["counted_in"])
            #expect(try await api.send(.post, "/v1/usage", ["user_id": "u1", "amount": 1]).json["counted_in"] == .null)
            let november = try await report(api).json
            #expect(november["consumption"]?["total_tokens"] == 15 && november["plan"] == "free")
            let december = try await report(api, "user_id=u1").json
            #expect(december["month"] == "2026-12" && december["consumption"]?["total_tokens"] == 1 && december["plan"] == "gold")
            #expect(december["consumption"]?["limit_tokens"] == 500)
        }
    }

    @Test(arguments: ["2026-13", "2026-1", "abcd", "2026-00", "", "2026-11-01", "11-2026", "2026-11%20"])
    func `A malformed month is refused by its name`(month: String) async throws {
        try await withTestAPI { api in
            let answer = try await report(api, "month=\(month)&user_id=u1")
            #expect(answer.status == 422 && answer.code == "invalid_request" && answer.wrongFields == ["month"])
        }
    }

    @Test func `The user must be there, and each once`() async throws {
        try await withTestAPI { api in
            let queries: [(query: String, fields: [String])] = [
                ("month=2026-11", ["user_id"]), ("", ["user_id"]),
                ("month=2026-11&month=2026-11&user_id=u1", ["month"]), ("month=2026-11&user_id=u1&from=2026-11-01", ["from"]),
            ]
            for (query, fields) in queries {
                let answer = try await report(api, query)
                #expect(answer.status == 422 && answer.wrongFields == fields, "\(query): \(answer.text)")
            }
        }
    }

    @Test func `Another shop's user of the same name has consumed nothing`() async throws {
        try await withTestAPI { api in
            _ = try await count(api, ["user_id": "u1", "endpoint": "/a"])
            #expect(try await report(api, as: "other").json["consumption"]?["total_api_calls"] == 0)
        }
    }

    @Test func `An end user reads its own consumption, and counts nothing`() async throws {
        try await withTestAPI { api in
            _ = try await count(api, ["user_id": "u1", "endpoint": "/a", "api_calls": 3])
            let user = Credential.endUser(Tenant(shop: ShopID(stored: "acme")), UserID(stored: "u1"))
            let dispatcher = Dispatcher(
                table: api.table, requestID: .identifier, authenticate: { _, _ in user }, report: { error, _ in Issue.record(error) })
            func ask(_ method: Request.Method, _ path: String, _ query: [(name: String, value: String)]) async throws -> TestAnswer {
                let request = Request(
                    method: method, path: path.split(separator: "/").map(String.init), query: query,
                    headers: ["authorization": "Bearer t"])
                return try await TestAnswer(dispatcher.handle(request).response)
            }
            for query in [[("month", "2026-11")], [("month", "2026-11"), ("user_id", "u1")]] {
                let own = try await ask(.get, Self.report, query.map { (name: $0.0, value: $0.1) })
                #expect(own.status == 200 && own.json["user_id"] == "u1" && own.json["consumption"]?["total_api_calls"] == 3)
            }
            #expect(try await ask(.get, Self.report, [("month", "2026-11"), ("user_id", "u2")]).code == "forbidden")
            #expect(try await ask(.get, Self.report, []).json["month"] == "2026-11")
            #expect(try await ask(.post, "/v1/consumption", []).code == "forbidden")
        }
    }
}
