import HTTP
import JSON
import Metering
import Support
import Testing

@testable import API

/// `GET /v1/usage/{user_id}?at=`: what a user had at an instant of the past.
@Suite struct PastUsageTests {
    private static let now = "2026-11-10T12:00:00.000Z"

    /// A summary without what is of the present alone.
    private static func balances(_ summary: JSON) -> JSON {
        let ofPresent: Set = ["totals", "lifetime", "peak_daily_usage", "weekly_usage", "daily", "monthly_summary", "at"]
        let fields = summary.object?.fields.filter { !ofPresent.contains($0.name) } ?? []
        return .object(JSON.Object(unique: fields))
    }

    /// Something that changes a user's account or its plan, or is refused.
    private static func act(_ test: TestAPI, _ user: String, _ step: Int, _ random: inout SplitMix) async throws {
        func number(_ range: ClosedRange<Int64>) -> JSON { .integer(.random(in: range, using: &random)) }
        let (id, subscription): (JSON, String) = (.string("s\(step)"), "/v1/subscriptions/\(user)")
        switch Int.random(in: 0...13, using: &random) {
        case 0...3:
            _ = try await test.send(.post, "/v1/usage", ["event_id": id, "user_id": .string(user), "amount": number(0...900)])
        case 4:
            let events = (0..<Int.random(in: 2...60, using: &random)).map { index -> JSON in
                [
                    "event_id": .string("s\(step)-\(index)"), "user_id": .string(user), "amount": number(0...30),
                    "enforce": .bool(index % 3 == 0),
                ]
            }
            _ = try await test.send(.post, "/v1/usage/batch", ["events": .array(events)])
        case 5:
            _ = try await test.send(
                .post, "/v1/usage/\(user)/purchases", ["purchase_id": id, "meter": "tokens", "amount": number(1...500)])
        case 6:
            let hold: JSON = [
                "reservation_id": id, "user_id": .string(user), "meter": "tokens", "amount": number(1...200), "ttl_seconds": 2_592_000,
            ]
            _ = try await test.send(.post, "/v1/reservations", hold)
            if Bool.random(using: &random) {
                _ = try await test.send(
                    .post, "/v1/reservations/s\(step)/commit", ["amount": number(0...300), "final": .bool(step % 2 == 0)])
            }
        case 7:
            _ = try await test.send(
                .post, "/v1/usage/\(user)/adjustments",
                ["adjustment_id": id, "meter": "tokens", "amount": number(-300...300), "reason": "a mistake"])
        case 8:
            let past = Int.random(in: 0...step, using: &random)
            _ = try await test.send(.post, "/v1/usage/\(user)/events/s\(past)/void", ["void_id": id, "reason": "a mistake"])
        case 9, 10:
            let plan: JSON = Bool.random(using: &random) ? "basic" : "pro"
            let when: JSON = Bool.random(using: &random) ? "now" : "period_end"
            _ = try await test.send(
                .post, "/v1/subscriptions", ["user_id": .string(user), "action": "change", "plan_name": plan, "effective": when])
        case 11:
            _ = try await test.send(
                .post, subscription + "/cancel", ["at": Bool.random(using: &random) ? "now" : "period_end"])
        case 12: _ = try await test.send(.post, subscription + (Bool.random(using: &random) ? "/suspend" : "/resume"), ["reason": "why"])
        default: try await test.rollOver()
        }
    }

    /// The present of each instant, as it was shown then, is what the log says of it later: of entries in one millisecond too, and where periods were due
    /// that nobody had closed.
    @Test(arguments: [UInt64(1), 2, 3])
    func `The past is what the present was`(seed: UInt64) async throws {
        try await withTestAPI { test in
            try await test.putPlan("free", tokens: 300, fee: "0")
            _ = try await test.send(
                .put, "/v1/plans/basic",
                ["monthly_fee": "9", "allowances": ["tokens": 2_000, "calls": 5], "rollover_caps": ["tokens": 700]])
            try await test.putPlan("pro", tokens: 9_000)
            var random = SplitMix(seed: seed)
            var shown: [(time: String, user: String, present: JSON)] = []
            for step in 0..<160 {
                let user = step % 3 == 0 ? "v" : "u"
                // A hold counts until its end is in the log.
                #expect(try await test.send(.post, "/v1/admin/jobs/expiry/run", as: "admin", [:]).status == 200)
                try await Self.act(test, user, step, &random)
                let present = try await test.send(.get, "/v1/usage/\(user)")
                #expect(present.status == 200)
                let time = test.clock.now().rfc3339
                shown.removeAll { $0.time == time && $0.user == user }
                shown.append((time, user, Self.balances(present.json)))
                switch Int.random(in: 0...5, using: &random) {
                case 0: break
                case 1: test.clock.advance(days: .random(in: 1...40, using: &random))
                case 2: test.clock.advance(milliseconds: 1)
                default: test.clock.advance(seconds: .random(in: 1...90_000, using: &random))
                }
            }
            for (time, user, present) in shown {
                let past = try await test.send(.get, "/v1/usage/\(user)?at=\(time)")
                #expect(past.status == 200 && past.json["at"] == .string(time))
                #expect(Self.balances(past.json) == present, "\(user) at \(time)")
            }
            #expect(Set(shown.map(\.present)).count > 90)
        }
    }

    @Test func `An instant that has not come is refused, and one before the first entry is that of a user who has nothing`() async throws {
        try await withTestAPI { test in
            _ = try await test.record("u", "e", 7)
            let tomorrow = try await test.send(.get, "/v1/usage/u?at=2026-11-10T12:00:00.001Z")
            #expect(tomorrow.status == 422 && tomorrow.wrongFields == ["at"])
            #expect(try await test.send(.get, "/v1/usage/u?at=yesterday").status == 422)
            let now = try await test.send(.get, "/v1/usage/u?at=\(Self.now)")
            #expect(now.json["usage"]?["tokens"] == 7)
            let before = try await test.send(.get, "/v1/usage/u?at=2026-11-10T11:59:59.999Z")
            let stranger = try await test.send(.get, "/v1/usage/w?at=2026-11-10T11:59:59.999Z")
            #expect(before.json["usage"]?["tokens"] == 0 && before.json["balances"] == stranger.json["balances"])
        }
    }
}
