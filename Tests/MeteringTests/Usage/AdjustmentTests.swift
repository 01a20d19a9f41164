import Testing

@testable import Metering

@Suite struct AdjustmentTests {
    private static let now = time("2026-11-10T12:00:00Z")

    private func adjust(_ account: inout Account, _ amount: Quantity) throws -> Adjustment {
        let content = AdjustmentContent(user: user, meter: .tokens, amount: amount, reason: "a mistake")
        return try account.adjust(content, as: AdjustmentID(stored: "a"), by: .system, at: Self.now)
    }

    @Test(arguments: [
        // R, amount: debt paid, to purchased
        (-100 as Quantity, 40 as Quantity, 40 as Quantity, 0 as Quantity), (-100, 100, 100, 0), (-100, 250, 100, 150), (30, 20, 0, 20),
    ])
    func `What is given pays debt first`(rollover: Quantity, amount: Quantity, paid: Quantity, bought: Quantity) throws {
        var account = account(plan("pro", tokens: 100), at: Self.now)
        account.meters[0].rollover = rollover
        let made = try adjust(&account, amount)
        #expect(made.effect == AdjustmentEffect(paidDebt: paid, toPurchased: bought))
        #expect(account.tokens.rollover == rollover + paid && account.tokens.purchased == bought)
        #expect(account.lifetime == Totals() && account.daily.isEmpty)
    }

    @Test func `What is taken goes by the waterfall, and counts as no query`() throws {
        var account = account(plan("pro", tokens: 100), at: Self.now)
        account.meters[0].purchased = 50
        let made = try adjust(&account, -170)
        #expect(made.effect.taken == Breakdown(fromSubscription: 100, fromPurchased: 50, overflowToDebt: 20))
        #expect(made.balance == BalanceAfter(used: 100, limit: .of(100), remaining: 0) && account.tokens.rollover == -20)
        #expect(account.lifetime.queries == 0)
        #expect(try adjust(&account, 20).effect.paidDebt == 20)
    }

    @Test func `A balance never passes the largest quantity`() throws {
        var account = account(plan("pro", tokens: 100), at: Self.now)
        _ = try adjust(&account, .largest)
        let before = account
        #expect(throws: UsageRefusal.totalTooLarge) { try adjust(&account, 1) }
        #expect(account == before)
    }
}
