extension Ledger {
    /// Puts the user on a new subscription: what the account had until now is closed, and its first period starts with the subscription's.
    package mutating func start(_ subscription: Subscription, at now: Timestamp, free: Plan) {
        self.subscription = subscription
        if account.version == 0 {
            account.period = subscription.period
        } else {
            account.close(at: now, opening: subscription.period)
        }
        adoptEntitlement(free: free)
    }

    /// Changes the plan now. What was used in the period stays used, unless the change starts a new period.
    package mutating func change(
        to plan: Plan, action: ChangeAction, cycle: BillingCycle, by author: Author, at now: Timestamp, free: Plan
    ) throws(InvalidTransition) {
        guard let before = subscription, var changed = subscription else { throw InvalidTransition(from: .canceled, event: action.event) }
        if try changed.change(to: plan, action: action, cycle: cycle, by: author, at: now) {
            let billed = billPeriod(endingAt: now)
            changed.creditBalance = subscription?.creditBalance ?? .zero
            account.close(at: now, opening: changed.period, billing: billed)
        } else if let charge = changed.billChange(from: before, in: account.periodNumber, at: now) {
            charges.append(charge)
        }
        subscription = changed
        adoptEntitlement(free: free)
    }

    /// Suspends, resumes or cancels: `step` changes the subscription, and the account's limits follow. Its period stays. One that is
    /// canceled now is billed for what there was of it, and its debt stays; a suspension gives back the rest, and its end bills what is left.
    package mutating func apply(
        at now: Timestamp, free: Plan, _ step: (inout Subscription) throws(InvalidTransition) -> Void
    ) throws(InvalidTransition) {
        guard let before = subscription, var changed = subscription else { throw InvalidTransition(from: .canceled, event: .change) }
        try step(&changed)
        if !changed.isLive {
            billPeriod(endingAt: now, withOverage: false)
            changed.creditBalance = subscription?.creditBalance ?? .zero
        } else if let charge = changed.billChange(from: before, in: account.periodNumber, at: now) {
            charges.append(charge)
        }
        subscription = changed
        adoptEntitlement(free: free)
    }
}
