extension BillingState {
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
        to plan: Plan, action: ChangeAction, cycle: BillingCycle, by actor: Actor, at now: Timestamp, free: Plan
    ) throws(InvalidTransition) {
        guard var changed = subscription else { throw InvalidTransition(from: .canceled, event: action.event) }
        let startsPeriod = try changed.change(to: plan, action: action, cycle: cycle, by: actor, at: now)
        let billed = take(changed, endsPeriod: startsPeriod, at: now)
        if startsPeriod { account.close(at: now, opening: changed.period, billing: billed) }
        adoptEntitlement(free: free)
    }

    /// Suspends, resumes or cancels: `step` changes the subscription, and the account's limits follow. Its period stays. One that is
    /// canceled now is billed for what there was of it, and its debt stays; a suspension gives back the rest, and its end bills what is left.
    package mutating func apply(
        at now: Timestamp, free: Plan, _ step: (inout Subscription) throws(InvalidTransition) -> Void
    ) throws(InvalidTransition) {
        guard var changed = subscription else { throw InvalidTransition(from: .canceled, event: .change) }
        try step(&changed)
        _ = take(changed, endsPeriod: !changed.isLive, at: now)
        adoptEntitlement(free: free)
    }

    /// Goes on with the subscription as it became, and bills what that brings: the period, where it ends with it, by the terms that it had
    /// until now; else what its rest costs more or less.
    private mutating func take(_ changed: Subscription, endsPeriod: Bool, at now: Timestamp) -> PeriodCharges {
        var (changed, billed) = (changed, PeriodCharges())
        if endsPeriod {
            billed = billPeriod(endingAt: now, withOverage: changed.isLive)
            changed.creditBalance = subscription?.creditBalance ?? .zero
        } else if let before = subscription, let charge = changed.billChange(from: before, in: account.periodNumber, at: now) {
            charges.append(charge)
        }
        subscription = changed
        return billed
    }
}
