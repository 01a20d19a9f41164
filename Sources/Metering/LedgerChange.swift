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
        guard var changed = subscription else { throw InvalidTransition(from: .canceled, event: action.event) }
        let startsPeriod = try changed.change(to: plan, action: action, cycle: cycle, by: author, at: now)
        if startsPeriod { account.close(at: now, opening: changed.period) }
        subscription = changed
        adoptEntitlement(free: free)
    }

    /// Suspends, resumes or cancels: `step` changes the subscription, and the account's limits follow. Its period stays.
    package mutating func apply(free: Plan, _ step: (inout Subscription) throws(InvalidTransition) -> Void) throws(InvalidTransition) {
        guard var changed = subscription else { throw InvalidTransition(from: .canceled, event: .change) }
        try step(&changed)
        subscription = changed
        adoptEntitlement(free: free)
    }
}
