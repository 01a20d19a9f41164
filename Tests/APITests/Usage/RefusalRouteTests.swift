import HTTP
import JSON
import Metering
import Support
import Testing

@testable import API

struct RefusalRouteTests {
    private func refusals(_ api: TestAPI, of user: String, count: Int) async throws -> [JSON] {
        // They are written after the answer.
        try await poll {
            let found = try await api.send(.get, "/v1/refusals?user_id=\(user)").json["data"]?.array ?? []
            return found.count >= count ? found : nil
        }
    }

    @Test func `What is refused is kept with what check said, and what is recorded is not`() async throws {
        try await withTestAPI { api in
            try await api.putPlan("pro", tokens: 100)
            _ = try await api.subscribe("u1", to: "pro")
            _ = try await api.record("u1", "e1", 70)
            let body: JSON = ["event_id": "e2", "user_id": "u1", "amount": 40, "enforce": true]
            let check = try await api.send(.get, "/v1/usage/u1/check?amount=40")
            #expect(try await api.send(.post, "/v1/usage", body).code == "usage_limit_exceeded")
            let hold: JSON = ["reservation_id": "r1", "user_id": "u1", "meter": "tokens", "amount": 31]
            #expect(try await api.send(.post, "/v1/reservations", hold).status == 402)
            let kept = try await refusals(api, of: "u1", count: 2)
            #expect(Set(kept.compactMap { $0["request_id"]?.string }) == ["e2", "r1"] && kept.count == 2)
            let event = try #require(kept.first { $0["type"] == "event" })
            var expected = try #require(check.json.object)
            let reason = expected["reason"]?.string?.split(separator: ";").first.map(String.init) ?? ""
            expected["reason"] = event["check"]?["reason"]
            #expect(event["check"] == .object(expected) && event["check"]?["reason"]?.string?.hasPrefix(String(reason.dropLast())) == true)
            #expect(try await api.send(.get, "/v1/refusals", as: "other").json["data"] == [])
        }
    }
}
