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

    @Test(arguments: ["2026-13", "2026-00", "2026-1", "2026-011", "202611", "2026-11-01", "abcd", "", "2026-11 ", "２026-11", "-026-11"])
    func `What is no month is none`(text: String) {
        #expect(CivilMonth(iso: text) == nil)
    }

    @Test(
        arguments: [
            ("2026-11", "2026-11-01", "2026-11-30"), ("2024-02", "2024-02-01", "2024-02-29"), ("2026-12", "2026-12-01", "2026-12-31"),
            ("9999-12", "9999-12-01", "9999-12-31"), ("0000-01", "0000-01-01", "0000-01-31"),
        ])
    func `A month has its own days`(text: String, first: String, last: String) throws {
        let month = try #require(CivilMonth(iso: text))
        #expect((month.iso, month.first.iso, month.last.iso) == (text, first, last))
        let days = [month.first.number - 1, month.first.number, month.last.number, month.last.number + 1].map(CivilDay.init(number:))
        #expect(days.map(month.contains) == [false, true, true, false])
        #expect(days.map { CivilMonth(of: $0) == month } == [false, true, true, false])
        #expect(days.map { DailyUsage(day: $0, totals: Totals(tokens: 2)) }.tokens(in: month) == 4)
    }
}
