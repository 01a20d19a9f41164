/// What a shop asks to be done with a subscription's plan.
package enum ChangeAction: String, CaseIterable, Hashable, Sendable {
    case create, upgrade, downgrade, renew, change

    var event: LifecycleEvent { self == .renew ? .renew : .change }
}

package enum Effective: String, CaseIterable, Hashable, Sendable {
    case now
    case periodEnd = "period_end"
}

/// A plan to subscribe to or change to. What is nil comes from the catalog.
package struct SubscriptionRequest: Equatable, Sendable {
    package var user: UserID
    package var action: ChangeAction
    package var planName: PlanName
    package var displayName: String?
    package var tokens: Limit?
    package var monthlyFee: Money?
    package var currency: Currency?
    package var cycle: BillingCycle?
    package var effective: Effective
    package var trialDays: Int?
    /// Periods that end by then are not billed, for a subscription that comes from elsewhere.
    package var billedFrom: Timestamp?

    package init(
        user: UserID, action: ChangeAction, planName: PlanName, displayName: String? = nil, tokens: Limit? = nil, monthlyFee: Money? = nil,
        currency: Currency? = nil, cycle: BillingCycle? = nil, effective: Effective = .now, trialDays: Int? = nil
    ) {
        self.user = user
        self.action = action
        self.planName = planName
        self.displayName = displayName
        self.tokens = tokens
        self.monthlyFee = monthlyFee
        self.currency = currency
        self.cycle = cycle
        self.effective = effective
        self.trialDays = trialDays
    }
}

/// Neither the request nor the catalog says what a plan needs.
package struct MissingTerms: Error, Equatable, Sendable {
    /// JSON names of what is missing.
    package let fields: [String]
}

extension SubscriptionRequest {
    /// The plan as it would be agreed: the catalog's, with what the request says otherwise.
    package func agreedPlan(catalog: Plan?, shopCurrency: Currency) throws(MissingTerms) -> Plan {
        var missing: [String] = []
        if tokens == nil, catalog == nil { missing.append("allocated_tokens") }
        if monthlyFee == nil, catalog == nil { missing.append("monthly_fee") }
        guard missing.isEmpty else { throw MissingTerms(fields: missing) }
        var plan =
            catalog
            ?? Plan(
                name: planName, displayName: planName.rawValue, monthlyFee: .zero, currency: shopCurrency, allowances: [:])
        if let tokens { plan.allowances[.tokens] = tokens }
        if let monthlyFee, monthlyFee != plan.monthlyFee { (plan.monthlyFee, plan.yearlyFee) = (monthlyFee, nil) }
        plan.displayName = displayName ?? plan.displayName
        plan.currency = currency ?? plan.currency
        plan.trialDays = trialDays ?? plan.trialDays
        return plan
    }
}

extension Subscription {
    /// A new subscription from `now`. A trial is its first period; what is paid for is counted from the trial's end.
    package static func created(
        id: SubscriptionID, user: UserID, plan: Plan, cycle: BillingCycle, by actor: Actor, at now: Timestamp
    ) -> Subscription {
        let trialEnd = plan.trialDays > 0 ? now.adding(days: plan.trialDays) : nil
        let anchor = trialEnd ?? now
        let period = trialEnd.map { Period(start: now, end: $0) } ?? cycle.period(from: now, anchor: anchor)
        var subscription = Subscription(
            id: id, user: user, plan: plan, status: trialEnd == nil ? .active : .trialing, cycle: cycle, anchor: anchor, period: period,
            trialEnd: trialEnd, createdAt: now)
        if trialEnd == nil { subscription.billing = PeriodTerms(subscription.terms) }
        subscription.appendHistory(ChangeAction.create.rawValue, by: actor, at: now)
        return subscription
    }

    /// Changes the plan now. Returns whether a new period starts: a renewal and another cycle start one, a plan alone does not.
    package mutating func change(
        to plan: Plan, action: ChangeAction, cycle: BillingCycle, by actor: Actor, at now: Timestamp
    ) throws(InvalidTransition) -> Bool {
        status = try status.after(action.event)
        let startsPeriod = action == .renew || (cycle != self.cycle && status != .trialing)
        self.plan = plan
        self.cycle = cycle
        pending = nil
        cancelAtPeriodEnd = false
        if startsPeriod { restart(at: now) }
        appendHistory(action.rawValue, by: actor, at: now)
        return startsPeriod
    }

    /// Changes the plan when the period ends, which takes a cancellation at that end back. A change to what it is on already takes a change
    /// that waits back.
    package mutating func schedule(_ change: PendingChange) throws(InvalidTransition) {
        _ = try status.after(change.action.event)
        let isPresent = change.plan == plan && change.cycle == cycle && change.action != .renew
        pending = isPresent ? nil : change
        cancelAtPeriodEnd = false
    }

    /// A new period from `now`, from which later ones are counted.
    package mutating func restart(at now: Timestamp) {
        anchor = now
        period = cycle.period(from: now, anchor: now)
        trialEnd = nil
        if status == .trialing { status = .active }
        billing = PeriodTerms(terms)
    }

    package mutating func suspend(reason: String, by actor: Actor, at now: Timestamp) throws(InvalidTransition) {
        status = try status.after(.suspend)
        suspendReason = reason
        appendHistory(LifecycleEvent.suspend.rawValue, note: reason, by: actor, at: now)
    }

    /// Ends a suspension; on a subscription that waits for its end, takes the cancellation back.
    package mutating func resume(by actor: Actor, at now: Timestamp) throws(InvalidTransition) {
        let takesCancellationBack = isLive && cancelAtPeriodEnd
        if !takesCancellationBack || status == .suspended { status = try status.after(.resume) }
        cancelAtPeriodEnd = false
        suspendReason = nil
        appendHistory(LifecycleEvent.resume.rawValue, by: actor, at: now)
    }

    package mutating func cancel(_ effective: Effective, by actor: Actor, at now: Timestamp) throws(InvalidTransition) {
        let canceled = try status.after(.cancel)
        appendHistory(LifecycleEvent.cancel.rawValue, note: effective == .periodEnd ? "at the period's end" : nil, by: actor, at: now)
        switch effective {
        case .periodEnd: cancelAtPeriodEnd = true
        case .now: end(canceled, at: now)
        }
    }

    mutating func end(_ status: SubscriptionStatus, at time: Timestamp) {
        self.status = status
        canceledAt = time
        cancelAtPeriodEnd = false
        pending = nil
        endHistory(at: time)
    }

    mutating func appendHistory(_ reason: String, note: String? = nil, by actor: Actor, at time: Timestamp) {
        endHistory(at: time)
        history.append(
            PlanHistoryEntry(
                plan: plan.name, tokens: plan.tokens, fee: plan.fee(for: cycle), start: time, end: nil, reason: reason, note: note,
                by: actor))
        if history.count > Self.maximumHistory { history.removeFirst(history.count - Self.maximumHistory) }
    }

    private mutating func endHistory(at time: Timestamp) {
        guard let last = history.indices.last, history[last].end == nil else { return }
        history[last].end = time
    }
}
