import Testing

@testable import Metering

/// Nothing but consumption lowers what was purchased: every operation that there is, from every situation that could tempt it.
@Suite struct PurchasedTests {
    /// The account beforehand; 77 were purchased.
    enum Situation: String, CaseIterable, Sendable {
        case fresh, partlyUsed, usedUp, inDebt, withRollover, onHold, inTrial, suspended, withoutSubscription
    }

    @Test(arguments: AccountOperation.all, Situation.allCases)
    func `Nothing but consumption lowers what was purchased`(operation: AccountOperation, situation: Situation) throws {
        var state = try Self.state(situation)
        let before = state.account.tokens.purchased
        #expect(before == 77)
        do throws(InvalidTransition) {
            try operation.run(&state)
        } catch {
            #expect(situation == .suspended || situation == .withoutSubscription || operation.name == "resume", "\(error)")
        }
        #expect(state.account.tokens.purchased == before + operation.buys)
    }

    @Test(arguments: [0, 1, 40, 77, 78, 500] as [Quantity])
    func `Consumption lowers what was purchased by the part it takes, and no further than to 0`(amount: Quantity) throws {
        var state = try Self.state(.usedUp)
        let settlement = try state.account.record(UsageContent(amount: amount), at: AccountOperation.now, enforce: false)
        #expect(settlement.breakdown.fromPurchased == min(77, amount))
        #expect(state.account.tokens.purchased == 77 - settlement.breakdown.fromPurchased)
    }

    private static func state(_ situation: Situation) throws -> BillingState {
        let (start, now) = (time("2026-11-10T12:00:00Z"), AccountOperation.now)
        let free = AccountOperation.free
        var state = BillingState(account: account(free, at: start), subscription: nil)
        if situation != .withoutSubscription {
            var agreed = AccountOperation.basic
            if situation == .inTrial { agreed.trialDays = 14 }
            state.start(subscription(agreed, at: start), at: start, free: free)
        }
        func use(_ amount: Quantity) throws {
            _ = try state.account.record(UsageContent(amount: amount), at: now, enforce: false)
        }
        if situation == .inDebt { try use(1_500) }
        _ = try state.account.purchase(purchase(77), as: PurchaseID(stored: "p"), at: now)
        switch situation {
        case .partlyUsed, .inTrial: try use(40)
        case .usedUp: try use(1_000)
        case .withRollover:
            try state.reset(at: now, free: free)
            #expect(state.account.tokens.rollover == 50)
        case .onHold: _ = try state.account.hold(hold(1_077, seconds: 5), at: now)
        case .suspended:
            try state.apply(at: now, free: free) { subscription throws(InvalidTransition) in
                try subscription.suspend(reason: "x", by: .system, at: now)
            }
        case .inDebt: #expect(state.account.tokens.rollover == -500)
        case .fresh, .withoutSubscription: break
        }
        return state
    }
}
