import HTTP
import JSON
import Metering
import Support
import Testing

@testable import API

/// A user who goes through plans of many meters keeps an account that can be stored.
struct MeterBoundTests {
    private static func putPlan(_ api: TestAPI, _ name: String) async throws {
        var allowances: JSON.Object = ["tokens": 100]
        for index in 0..<31 { allowances["\(name)a\(index)"] = 10 }
        let plain = (0..<32).map { JSON.string("\(name)c\($0)") }
        let plan: JSON = ["allowances": .object(allowances), "plain_meters": .array(plain), "monthly_fee": "1.00"]
        #expect(try await api.send(.put, "/v1/plans/\(name)", plan).status == 201)
    }

    private static func change(_ api: TestAPI, to plan: String, at effective: JSON = "now") async throws -> TestAnswer {
        try await api.send(
            .post, "/v1/subscriptions",
            ["user_id": "ada", "action": "create", "plan_name": .string(plan), "billing_cycle": "days:1", "effective": effective])
    }

    @Test func `Four plans of 64 meters, one of them at the period's end, leave an account that records`() async throws {
        try await withTestAPI { api in
            for index in 0..<4 { try await Self.putPlan(api, "p\(index)") }
            for index in 0..<3 { #expect(try await Self.change(api, to: "p\(index)").status < 300) }
            #expect(try await Self.change(api, to: "p3", at: "period_end").status == 200)
            api.clock.move(to: "2026-11-12T12:00:00Z")
            #expect(try await api.record("ada", "e1", 1).status == 201)
            let usage = try await api.send(.post, "/v1/usage", ["user_id": "ada", "amount": 1, "meter": "p3a7"])
            #expect(usage.status == 201 && usage.json["breakdown"]?["from_subscription"] == 1)
            #expect(try await api.send(.get, "/v1/subscriptions/ada").json["plan_name"] == "p3")
        }
    }

    @Test func `A plan beside which an account would have too many meters is refused by its name`() async throws {
        try await withTestAPI { api in
            for index in 0..<4 {
                try await Self.putPlan(api, "p\(index)")
                if index < 3 {
                    #expect(try await Self.change(api, to: "p\(index)").status < 300)
                    let meters = (0..<31).map { "p\(index)a\($0)" } + (0..<32).map { "p\(index)c\($0)" }
                    for meter in meters {
                        let bought = try await api.send(
                            .post, "/v1/usage/ada/purchases", ["purchase_id": .string(meter), "meter": .string(meter), "amount": 1])
                        #expect(bought.status == 201)
                    }
                }
            }
            let refused = try await Self.change(api, to: "p3")
            #expect(refused.status == 422 && refused.wrongFields == ["plan_name"])
            #expect(try await Self.change(api, to: "p3", at: "period_end").wrongFields == ["plan_name"])
            #expect(try await api.record("ada", "e1", 1).status == 201)
            #expect(try await Self.change(api, to: "p1").status == 200)
        }
    }

    @Test func `What would be left beyond the largest quantity is refused at the purchase`() async throws {
        try await withTestAPI { api in
            let largest = JSON.integer(Quantity.largest)
            #expect(try await api.send(.put, "/v1/plans/pro", ["allowances": ["tokens": largest]]).status == 201)
            _ = try await api.subscribe("u1", to: "pro")
            let bought = try await api.send(
                .post, "/v1/usage/u1/purchases", ["purchase_id": "b", "meter": "tokens", "amount": largest])
            #expect(bought.status == 422 && bought.wrongFields == ["amount"])
            let event = try await api.record("u1", "e", 1)
            #expect(event.status == 201 && event.json["remaining"] == .integer(Quantity.largest - 1))
        }
    }
}
