/// An account with the live subscription it belongs to, if any: what a change of plan and the end of a period change together.
package struct BillingState: Equatable, Sendable {
    package var account: Account
    /// Nil: the user is on the free plan, with calendar months (UTC) as periods.
    package var subscription: Subscription?
    /// The bills and credit grants that came of changes since the state was read, in order: stored with it.
    package internal(set) var outcomes: [BillingOutcome] = []

    package init(account: Account, subscription: Subscription?) {
        self.account = account
        self.subscription = subscription
    }

    /// Gives the account the limits of its subscription's plan while that is entitled to it, else those of the free plan.
    package mutating func adoptEntitlement(free: Plan) {
        let plan = subscription.flatMap { $0.status.isEntitled ? $0.plan : nil }
        account.adopt(plan ?? free, subscription: subscription.flatMap { $0.isLive ? $0.id : nil })
    }
}

/// The ends of periods.
extension BillingState {
    /// Closes every period that is due at `now`, in order, each at its own end however late, with what takes effect there: the end of a
    /// trial, a pending change, a cancellation. Returns how many were closed.
    package mutating func closeDuePeriods(at now: Timestamp, free: Plan) -> Int {
        var closed = 0
        while account.period.isDue(at: now) {
            closePeriod(at: account.period.end, free: free)
            closed += 1
        }
        return closed
    }

    /// Closes the period at `now`, before its end, and starts a new one, from which later ones are counted.
    package mutating func reset(at now: Timestamp, free: Plan) {
        let charges = billPeriod(endingAt: now)
        subscription?.restart(at: now)
        account.close(at: now, opening: subscription?.period ?? Self.freePeriod(from: now), billing: charges)
        adoptEntitlement(free: free)
    }

    private mutating func closePeriod(at end: Timestamp, free: Plan) {
        let charges = billPeriod(endingAt: end)
        subscription?.passBoundary(at: end)
        account.close(at: end, opening: nextPeriod(from: end), billing: charges)
        adoptEntitlement(free: free)
    }

    /// Bills the account's period by the subscription's terms. `withOverage`: whether debt is billed; else it stays debt.
    private mutating func billPeriod(endingAt end: Timestamp, withOverage: Bool = true) -> PeriodCharges {
        var charges = PeriodCharges()
        if withOverage { charges.overage = subscription?.overage(of: account, at: end) ?? [:] }
        let outcome = subscription?.billPeriod(account.periodNumber, endingAt: end, overage: charges.overage)
        guard let outcome else { return charges }
        outcomes.append(outcome)
        charges.amount = outcome.bill?.charged ?? .zero
        return charges
    }

    private func nextPeriod(from end: Timestamp) -> Period {
        guard let subscription, subscription.isLive else { return Self.freePeriod(from: end) }
        return subscription.period
    }

    /// From `start` to the end of its calendar month (UTC).
    private static func freePeriod(from start: Timestamp) -> Period {
        BillingCycle.monthly.period(from: start, anchor: start.day.firstOfMonth.start)
    }
}

/// Changes of the subscription, which the account and the bills follow.
extension BillingState {
    /// Puts the user on a new subscription, whose first period becomes the account's. The period before, which costs nothing, is closed; of
    /// an account that was never stored there is none.
    package mutating func start(_ subscription: Subscription, at now: Timestamp, free: Plan) {
        self.subscription = subscription
        if account.version == 0 {
            account.period = subscription.period
        } else {
            account.close(at: now, opening: subscription.period)
        }
        adoptEntitlement(free: free)
    }

    /// Changes the plan now. What was used in the period stays used, unless the change starts a new period. Without a subscription it
    /// throws as for a canceled one.
    package mutating func change(
        to plan: Plan, action: ChangeAction, cycle: BillingCycle, by actor: Actor, at now: Timestamp, free: Plan
    ) throws(InvalidTransition) {
        guard var changed = subscription else { throw InvalidTransition(from: .canceled, event: action.event) }
        let startsPeriod = try changed.change(to: plan, action: action, cycle: cycle, by: actor, at: now)
        let charges = replaceSubscription(with: changed, endsPeriod: startsPeriod, at: now)
        if startsPeriod { account.close(at: now, opening: changed.period, billing: charges) }
        adoptEntitlement(free: free)
    }

    /// Suspends, resumes or cancels: `step` changes the subscription, and the account's limits follow. The account's period stays as it is.
    /// A cancellation now bills the part of the period that was, and leaves debt as it is; a suspension gives the rest of the period back
    /// as credit, and its end bills the rest that there is then.
    package mutating func apply(
        at now: Timestamp, free: Plan, _ step: (inout Subscription) throws(InvalidTransition) -> Void
    ) throws(InvalidTransition) {
        guard var changed = subscription else { throw InvalidTransition(from: .canceled, event: .change) }
        try step(&changed)
        _ = replaceSubscription(with: changed, endsPeriod: !changed.isLive, at: now)
        adoptEntitlement(free: free)
    }

    /// Goes on with `changed` in the place of the subscription, and bills what that brings: where the change ends the period, the period by
    /// the terms before the change; else the difference that the change makes to the price of the period's rest.
    private mutating func replaceSubscription(with changed: Subscription, endsPeriod: Bool, at now: Timestamp) -> PeriodCharges {
        var (changed, charges) = (changed, PeriodCharges())
        if endsPeriod {
            charges = billPeriod(endingAt: now, withOverage: changed.isLive)
            changed.creditBalance = subscription?.creditBalance ?? .zero
        } else if let before = subscription, let outcome = changed.billChange(from: before, in: account.periodNumber, at: now) {
            outcomes.append(outcome)
        }
        subscription = changed
        return charges
    }
}
