import Testing

@testable import Metering

/// Nothing but consumption lowers what was purchased: every operation that there is on a ledger, from every standing that could tempt it.
@Suite struct PurchasedTests {
    /// What the account stands at beforehand; 77 were purchased.
    enum Standing: String, CaseIterable, Sendable {
        case fresh, partlyUsed, usedUp, inDebt, withRollover, onHold, inTrial, suspended, withoutSubscription
    }

    @Test(arguments: AccountOperation.all, Standing.allCases)
    func `Nothing but consumption lowers what was purchased`(operation: AccountOperation, standing: Standing) throws {
        var ledger = try Self.ledger(standing)
        let before = ledger.account.tokens.purchased
        #expect(before == 77)
        do throws(InvalidTransition) {
            try operation.run(&ledger)
        } catch {
            #expect(standing == .suspended || standing == .withoutSubscription || operation.name == "resume", "\(error)")
        }
        #expect(ledger.account.tokens.purchased == before + operation.buys)
    }

    @Test(arguments: [0, 1, 40, 77, 78, 500] as [Quantity])
    func `Consumption lowers it by what it takes from it, and no further than to 0`(amount: Quantity) throws {
        var ledger = try Self.ledger(.usedUp)
        let settlement = try ledger.account.record(UsageContent(amount: amount), at: AccountOperation.now, enforce: false)
        #expect(settlement.breakdown.fromPurchased == min(77, amount))
        #expect(ledger.account.tokens.purchased == 77 - settlement.breakdown.fromPurchased)
    }

    private static func ledger(_ standing: Standing) throws -> BillingState {
        let (start, now) = (time("2026-11-10T12:00:00Z"), AccountOperation.now)
        let free = AccountOperation.free
        var ledger = BillingState(account: account(free, at: start), subscription: nil)
        if standing != .withoutSubscription {
            var agreed = AccountOperation.basic
            if standing == .inTrial { agreed.trialDays = 14 }
            ledger.start(subscription(agreed, at: start), at: start, free: free)
        }
        func use(_ amount: Quantity) throws {
            _ = try ledger.account.record(UsageContent(amount: amount), at: now, enforce: false)
        }
        if standing == .inDebt { try use(1_500) }
        _ = try ledger.account.purchase(AccountOperation.purchase(77), as: PurchaseID(stored: "p"), at: now)
        switch standing {
        case .partlyUsed, .inTrial: try use(40)
        case .usedUp: try use(1_000)
        case .withRollover:
            ledger.reset(at: now, free: free)
            #expect(ledger.account.tokens.rollover == 50)
        case .onHold: _ = try ledger.account.hold(AccountOperation.hold(1_077), at: now)
        case .suspended:
            try ledger.apply(at: now, free: free) { subscription throws(InvalidTransition) in
                try subscription.suspend(reason: "x", by: .system, at: now)
            }
        case .inDebt: #expect(ledger.account.tokens.rollover == -500)
        case .fresh, .withoutSubscription: break
        }
        return ledger
    }
}
