import Support
import Testing

@testable import Metering

/// Sums over many events or accounts stop at the largest value: they never trap, and what they come to can be stored.
struct BoundTests {
    private static let largest = Quantity.largest

    @Test(
        arguments: [
            (1, 2, 3), (largest, 1, largest), (largest, largest, largest), (-largest, -1, -largest), (largest, -largest, 0),
            (.max, .max, largest),
            (.min, .min, -largest),
        ] as [(Quantity, Quantity, Quantity)])
    func `A sum of quantities stops at the largest`(left: Quantity, right: Quantity, sum: Quantity) {
        #expect(left.bounded(adding: right) == sum)
    }

    @Test func `Sums and products of money stop at the most that can be stored`() {
        let most = Money.largest
        #expect(most + most == most && -most - most == -most && most - most == .zero && most * 7 == most && -most * 7 == -most)
        #expect(most * -7 == -most && Money(units: .max) + Money(units: .max) == most && Money(units: 1) + most == most)
        #expect(most - Money(units: 1) + Money(units: 1) == most && most.text.count { $0.isNumber } == 34)
        #expect([Money](repeating: most, count: 100).sum == most)
    }

    @Test func `A shop of a million accounts with the largest totals is added up`() {
        var shop = ShopAnalytics()
        var full = account(plan("free", tokens: 1))
        full.daily = [DailyUsage(day: full.period.start.day, totals: Totals(tokens: .largest, queries: .largest, peak: .largest))]
        var rich = plan("rich", tokens: 1, fee: "999999999999999")
        rich.yearlyFee = .largest
        let subscription = subscription(rich, cycle: .yearly)
        for _ in 0..<2_000 { shop.add(full, at: full.period.start) }
        for _ in 0..<2_000 { shop.add(subscription) }
        #expect(shop.tokens == .largest && shop.queries == .largest && shop.users == 2_000 && shop.revenue[euro] == .largest)
        let days = [DailyUsage](repeating: full.daily[0], count: 1_100)
        #expect(days.tokens(in: CivilMonth(of: full.period.start.day)) == .largest)
    }

    @Test func `What is left is at most the largest quantity, however much is allowed, carried over and bought`() {
        let balance = MeterBalance(
            meter: .tokens, limit: .of(.largest), used: 0, rollover: .largest, purchased: .largest)
        #expect(balance.remaining == .largest && balance.allows(.largest))
        #expect(balance.explain(.largest, status: nil).available == .largest)
    }
}
