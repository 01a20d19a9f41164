import HTTP
import JSON
import Service
import Testing

@testable import API

struct UsageBatchTests {
    private func post(_ events: JSON, to api: TestAPI, key: String = "k") async throws -> TestAnswer {
        try await api.send(.post, "/v1/usage/batch", as: "usage", ["events": events], headers: ["idempotency-key": key])
    }

    @Test func `Each event is answered in order, and a bad one fails no other`() async throws {
        try await withTestAPI { api in
            try await api.putPlan("pro", tokens: 100)
            _ = try await api.subscribe("u1", to: "pro")
            _ = try await api.record("u1", "old", 10)
            let batch = try await post(
                [
                    ["event_id": "e1", "user_id": "u1", "amount": 20], ["event_id": "bad", "user_id": "u1", "amount": -1], 7,
                    ["event_id": "old", "user_id": "u1", "amount": 10], ["event_id": "old", "user_id": "u1", "amount": 11],
                    ["event_id": "big", "user_id": "u1", "amount": 71, "enforce": true],
                    ["event_id": "late", "user_id": "u1", "amount": 1, "occurred_at": "2026-01-01T00:00:00Z"],
                    ["event_id": "e2", "user_id": "u2", "amount": 1],
                ], to: api)
            let results = try #require(batch.json["results"]?.array)
            #expect(
                results.map { $0["status"] } == [
                    "recorded", "rejected", "rejected", "duplicate", "rejected", "rejected", "rejected", "recorded",
                ])
            #expect(results.map { $0["event_id"] } == ["e1", "bad", .null, "old", "old", "big", "late", "e2"])
            #expect(results[0]["used"] == 30 && results[0]["duplicate"] == false && results[3]["used"] == 10)
            let codes = results.map { $0["problem"]?["code"]?.string }
            #expect(
                codes == [
                    nil, "invalid_request", "invalid_request", nil, "idempotency_conflict", "usage_limit_exceeded", "invalid_request", nil,
                ])
            #expect(results[1]["problem"]?["errors"]?.array?.first?["field"] == "amount" && results[1]["problem"]?["status"] == 422)
            #expect(results[5]["problem"]?["available"] == 70 && results[1]["problem"]?["request_id"] == nil)
            #expect(try await api.send(.get, "/v1/usage/u1").json["usage"]?["tokens"] == 30)
        }
    }

    @Test func `Events without ids are recorded once under the batch's key`() async throws {
        try await withTestAPI { api in
            let events: JSON = [["user_id": "u1", "amount": 1], ["user_id": "u1", "amount": 1]]
            let statuses = ["recorded", "duplicate"]
            for status in statuses {
                let results = try await post(events, to: api).json["results"]?.array
                #expect(results?.map { $0["status"]?.string } == [status, status])
            }
            #expect(try await post(events, to: api, key: "other").json["results"]?.array?.first?["status"] == "recorded")
        }
    }

    @Test func `A thousand events are a batch, and neither none nor one more`() async throws {
        try await withTestAPI { api in
            func events(_ count: Int) -> JSON {
                .array((0..<count).map { ["event_id": .string("e\($0)"), "user_id": .string("u\($0 % 7)"), "amount": 1] })
            }
            #expect(try await post(events(0), to: api).wrongFields == ["events"])
            #expect(try await post(events(1001), to: api).wrongFields == ["events"])
            #expect(try await api.send(.post, "/v1/usage/batch", ["event": []]).status == 422)
            let whole = try await post(events(1000), to: api)
            #expect(whole.json["results"]?.array?.allSatisfy { $0["status"] == "recorded" } == true)
            #expect(try await api.send(.get, "/v1/usage/u0").json["usage"]?["tokens"] == 143)
        }
    }

    @Test func `When the service stops, a batch is refused whole, and one with a bad event says which`() async throws {
        try await withTestAPI { api in
            api.service.drain()
            #expect(try await api.record("u1", "e1", 1).code == "overloaded")
            let good: JSON = ["event_id": "e1", "user_id": "u1", "amount": 1]
            let whole = try await post([good, good], to: api)
            #expect(whole.status == 503 && whole.code == "overloaded" && whole.headers["retry-after"] == "1")
            let results = try await post([good, 7], to: api).json["results"]?.array
            #expect(results?.map { $0["problem"]?["code"]?.string } == ["overloaded", "invalid_request"])
        }
    }
}
