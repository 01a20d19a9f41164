import Testing

@testable import Metering

@Suite struct ConsumptionTests {
    private static let most = Quantity.largest
    private static let shares: [(current: Quantity, limit: Quantity?, hundredths: Int128, level: ConsumptionAlert.Level?)] = [
        (0, 10_000, 0, nil), (7_999, 10_000, 7_999, nil), (8_000, 10_000, 8_000, .soft), (9_999, 10_000, 9_999, .soft),
        (10_000, 10_000, 10_000, .hard), (10_001, 10_000, 10_001, .hard),
        // Rounded to 80 and 100, and neither reached.
        (79_996, 100_000, 8_000, nil), (99_996, 100_000, 10_000, .soft),
        (1, 3, 3_333, nil), (2, 3, 6_667, nil), (1, 20_000, 1, nil), (1, 20_001, 0, nil), (4, 5, 8_000, .soft), (1, 1, 10_000, .hard),
        (0, 0, 0, nil), (1, 0, 10_000, .hard), (most, 0, 10_000, .hard), (0, nil, 0, nil), (most, nil, 0, nil),
        (most, most, 10_000, .hard), (most - 1, most, 10_000, .soft), (most / 5 * 4, most, 8_000, nil),
        (most / 5 * 4 + 1, most, 8_000, .soft), (most, 1, Int128(most) * 10_000, .hard), (1, most, 0, nil),
    ]

    @Test(arguments: shares)
    func `A percentage is rounded to two decimals, and its alert goes by the numbers themselves`(
        current: Quantity, limit: Quantity?, hundredths: Int128, level: ConsumptionAlert.Level?
    ) {
        let metric = ConsumedMetric(meter: .tokens, current: current, limit: Limit(limit))
        #expect(metric.hundredthsOfPercent == hundredths)
        #expect(metric.alert?.level == level)
    }

    private static func consumption(_ calls: Quantity, _ tokens: Quantity) -> Consumption {
        Consumption(apiCalls: calls, tokens: tokens, limits: ConsumptionLimits(apiCalls: .of(1_000), tokens: .of(200)))
    }

    @Test func `API calls alert before tokens, in words with whole percents that are reached`() {
        let near = Self.consumption(999, 160)
        #expect(near.alerts.map(\.message) == ["99% of the month's API calls are used.", "80% of the month's tokens are used."])
        #expect(near.alerts.map(\.meter) == [.apiCalls, .tokens])
        #expect(near.alerts.map(\.current) == [999, 160] && near.alerts.map(\.limit) == [1_000, 200])
        let over = Self.consumption(1_234, 200)
        #expect(over.alerts.map(\.message) == ["The month's API calls are used up.", "The month's tokens are used up."])
    }

    @Test(
        arguments: [
            (0, 0, nil), (799, 159, nil), (800, 0, .soft), (0, 160, .soft), (999, 199, .soft), (1_000, 160, .hard), (800, 200, .hard),
            (1_000, 200, .hard),
        ] as [(Quantity, Quantity, ConsumptionAlert.Level?)])
    func `The graver alert is the level of both`(calls: Quantity, tokens: Quantity, level: ConsumptionAlert.Level?) {
        #expect(Self.consumption(calls, tokens).level == level)
    }

    /// The plan's name, its own limit of API calls (nil: it names none), and the limit that counts.
    @Test(
        arguments: [("pro", nil, .of(9)), ("pro", .unlimited, .unlimited), ("gold", nil, .of(7)), ("free", .of(3), .of(3))]
            as [(String, Limit?, Limit)])
    func `The plan's own limits count, else those of its name, else free's`(name: String, own: Limit?, expected: Limit) {
        func limits(_ enforcement: Enforcement) -> ConsumptionLimits {
            var limits: [Meter: Limit] = [.tokens: .of(40)]
            limits[.apiCalls] = own
            return ConsumptionLimits(
                of: PlanName(stored: name), own: limits,
                byName: [.free: [.apiCalls: .of(7)], PlanName(stored: "pro"): [.apiCalls: .of(9)]],
                enforcement: enforcement)
        }
        #expect(limits(.on) == ConsumptionLimits(apiCalls: expected, tokens: .of(40)))
        #expect(limits(.off) == .none)
    }
}
