import BSON
import Metering
import Mongo
import Support
import Testing

@testable import Store

@Suite struct EventWalkTests {
    let tenant = Tenant(shop: ShopID(stored: "shop"))
    let user = UserID(stored: "u")

    /// Events at the given seconds after `start`, each with an amount that no sum of others is.
    private func store(_ seconds: [Int64], of user: String, in database: MeterStore) throws {
        let documents: [Document] = seconds.enumerated().map { index, second in
            [
                "_id": ["shop_id": "shop", "user_id": .string(user), "event_id": .string("e\(index)")], "meter": "tokens",
                "amount": .int64(1 << Int64(index)), "at": .time(start.adding(milliseconds: second * 1_000)), "recorded_at": .time(start),
                "period_number": .int64(Int64(index % 2)), "used": 0,
                "breakdown": ["from_subscription": 0, "from_rollover": 0, "from_purchased": 0, "overflow_to_debt": 0],
            ]
        }
        try database.blockingWrite { try $0.insert(UsageEvents.schema.name, documents) }
    }

    private func walk(
        _ range: TimeRange = TimeRange(), step: Int, period: Int64? = nil, _ database: MeterStore
    ) throws -> (total: UsageGroup, steps: Int) {
        guard let grouping = UsageGrouping([]) else { throw StoreError(.other, "no grouping") }
        var sums = UsageBreakdownSums(of: .tokens, period: period, by: grouping)
        var walk = EventWalk(over: range, of: user, in: tenant, step: step)
        var steps = 0
        while !walk.isOver {
            try database.blockingRead { try walk.step(into: &sums, $0) }
            steps += 1
        }
        return (sums.total, steps)
    }

    /// Many at one instant, at the first, in the middle and at the last, and single ones between them.
    private static let times: [Int64] = [0, 0, 0, 0, 1, 2, 3, 3, 3, 3, 3, 3, 3, 4, 5, 6, 7, 9, 9, 9]

    @Test(arguments: [1, 2, 3, 5, 7, 19, 20, 21, 1_000])
    func `Each event is in one step, however many share an instant`(step: Int) async throws {
        try await withStore { database in
            try store(Self.times, of: "u", in: database)
            try store(Self.times, of: "v", in: database)
            let (total, steps) = try walk(step: step, database)
            #expect(total.amount == (1 << 20) - 1 && total.count == 20)
            #expect(steps >= 20 / step && (step > 20) == (steps == 1))
            let odd = try walk(step: step, period: 1, database).total
            #expect(odd.count == 10 && odd.amount == (0..<10).reduce(0) { $0 + 1 << (2 * $1 + 1) })
            let some = try walk(
                TimeRange(from: start.adding(milliseconds: 2_000), to: start.adding(milliseconds: 9_000)), step: step, database)
            #expect(some.total.count == 12 && some.total.amount == (5..<17).reduce(0) { $0 + 1 << $1 })
        }
    }

    @Test func `A step that takes the server too long is tried with half as many events, down to a few`() async throws {
        try await withStore { database in
            try store(Self.times, of: "u", in: database)
            guard let grouping = UsageGrouping([]) else { return }
            var sums = UsageBreakdownSums(of: .tokens, period: nil, by: grouping)
            var walk = EventWalk(over: TimeRange(), of: user, in: tenant)
            // No read is begun when the time is over, which is as if it took too long.
            let late = Deadline(at: .now)
            var tries = 0
            let error = #expect(throws: StoreError.self) {
                while true {
                    tries += 1
                    try Deadline.$current.withValue(late) { try database.blockingRead { try walk.step(into: &sums, $0) } }
                }
            }
            #expect(error?.kind == .overloaded && (3...10).contains(tries))
            while !walk.isOver { try database.blockingRead { try walk.step(into: &sums, $0) } }
            #expect(sums.total.count == 20)
        }
    }
}
