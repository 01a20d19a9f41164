import HTTP
import JSON
import Testing

@testable import API

struct PlanRouteTests {
    @Test func `A plan comes back as it was put, new or replaced`() async throws {
        try await withTestAPI { api in
            let plan: JSON = [
                "display_name": "Pro", "monthly_fee": "29", "yearly_fee": "290.50", "currency": "USD",
                "allowances": ["tokens": 1000, "calls": nil], "rollover_caps": ["tokens": 100], "plain_meters": ["pages"],
                "trial_days": 14, "is_active": false,
            ]
            let first = try await api.send(.put, "/v1/plans/pro", plan)
            #expect(first.status == 201)
            #expect(first.json["monthly_fee"] == "29.00" && first.json["yearly_fee"] == "290.50" && first.json["plan_name"] == "pro")
            for name in ["display_name", "currency", "allowances", "rollover_caps", "plain_meters", "trial_days", "is_active"] {
                #expect(first.json[name] == plan[name], "\(name)")
            }
            #expect(try await api.send(.put, "/v1/plans/pro", plan).status == 200)
            #expect(try await api.send(.get, "/v1/plans/pro", as: "read").json == first.json)
        }
    }

    @Test func `A plan of an allowance alone has the defaults`() async throws {
        try await withTestAPI { api in
            let plan = try await api.send(.put, "/v1/plans/mini", as: "manage", ["allowances": ["tokens": nil]]).json
            #expect(plan["display_name"] == "mini" && plan["monthly_fee"] == "0.00" && plan["yearly_fee"] == .null)
            #expect(plan["currency"] == "EUR" && plan["allowances"] == ["tokens": nil] && plan["rollover_caps"] == [:])
            #expect(plan["plain_meters"] == [] && plan["trial_days"] == 0 && plan["is_active"] == true)
        }
    }

    private static let invalid: [(body: JSON, fields: [String])] = [
        ([:], ["allowances"]), (["allowances": [:]], ["allowances.tokens"]), (["allowances": ["calls": 1]], ["allowances.tokens"]),
        (["allowances": ["tokens": -1]], ["allowances.tokens"]), (["allowances": ["tokens": "1"]], ["allowances.tokens"]),
        (["allowances": ["tokens": 9_007_199_254_740_992]], ["allowances.tokens"]),
        (["allowances": ["tokens": 1], "plain_meters": ["tokens"], "rollover_caps": ["tokens": 1]], ["rollover_caps.tokens"]),
        (["allowances": ["tokens": 1], "plain_meters": ["tokens"], "overage_prices": ["tokens": "1"]], ["overage_prices.tokens"]),
        (["allowances": ["tokens": 1], "rollover_caps": ["calls": 1]], ["rollover_caps.calls"]),
        (["allowances": ["tokens": 1], "trial_days": 366], ["trial_days"]),
        (["allowances": ["tokens": 1], "monthly_fee": 29], ["monthly_fee"]),
        (["allowances": ["tokens": 1], "monthly_fee": "-1"], ["monthly_fee"]),
        (["allowances": ["tokens": 1], "currency": "euro"], ["currency"]),
        (["allowances": ["tokens": 1], "monthly_fees": "1"], ["monthly_fees"]),
        (["allowances": ["tokens": 1], "is_active": "yes"], ["is_active"]), ([1], ["body"]),
    ]

    @Test func `A plan that is not valid is refused by its field`() async throws {
        try await withTestAPI { api in
            for (body, fields) in Self.invalid {
                let answer = try await api.send(.put, "/v1/plans/pro", body)
                #expect(answer.status == 422 && answer.code == "invalid_request" && answer.wrongFields == fields, "\(body)")
            }
            #expect(try await api.send(.get, "/v1/plans/pro").status == 404)
        }
    }

    @Test func `Plans are listed by name with the platform's free one, until the shop has its own`() async throws {
        try await withTestAPI { api in
            for name in ["zeta", "alpha"] { try await api.putPlan(name, tokens: 1) }
            let first = try await api.send(.get, "/v1/plans?limit=2", as: "read")
            #expect(first.json["data"]?.array?.map { $0["plan_name"] } == ["alpha", "free"])
            let cursor = try #require(first.json["next_cursor"]?.string)
            let second = try await api.send(.get, "/v1/plans?limit=2&cursor=\(cursor)")
            #expect(second.json["data"]?.array?.map { $0["plan_name"] } == ["zeta"] && second.json["next_cursor"] == .null)
            try await api.putPlan("free", tokens: 7)
            #expect(try await api.send(.get, "/v1/plans/free").json["allowances"] == ["tokens": 7])
            #expect(try await api.send(.get, "/v1/plans").json["data"]?.array?.count == 3)
            #expect(try await api.send(.get, "/v1/plans/alpha", as: "other").code == "not_found")
        }
    }

    @Test func `A plan's overage prices are kept, and must be of limited meters`() async throws {
        try await withTestAPI { api in
            let plan: JSON = ["allowances": ["tokens": 10, "voice": 5], "overage_prices": ["tokens": "0.0015"]]
            #expect(try await api.send(.put, "/v1/plans/metered", plan).json["overage_prices"] == ["tokens": "0.0015"])
            #expect(try await api.send(.get, "/v1/plans/metered").json["overage_prices"] == ["tokens": "0.0015"])
            let other: JSON = ["allowances": ["tokens": 10], "overage_prices": ["voice": "1", "tokens": "1000000"]]
            let refused = try await api.send(.put, "/v1/plans/metered", other)
            #expect(refused.status == 422 && refused.wrongFields == ["overage_prices.tokens", "overage_prices.voice"])
        }
    }
}
