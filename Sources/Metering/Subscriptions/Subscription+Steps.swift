/// The steps of a subscription by itself; `BillingState` takes its account and its bills along. Each step that the lifecycle does not have
/// throws, and changes nothing.
extension Subscription {
    /// A new subscription from `now`. Where the plan has a trial, that is the first period, and the periods after it are counted from its
    /// end.
    package static func created(
        id: SubscriptionID, user: UserID, plan: Plan, cycle: BillingCycle, by actor: Actor, at now: Timestamp
    ) -> Subscription {
        let trialEnd = plan.trialDays > 0 ? now.adding(days: plan.trialDays) : nil
        let anchor = trialEnd ?? now
        let period = trialEnd.map { Period(start: now, end: $0) } ?? cycle.period(from: now, anchor: anchor)
        var subscription = Subscription(
            id: id, user: user, plan: plan, status: trialEnd == nil ? .active : .trialing, cycle: cycle, anchor: anchor, period: period,
            trialEnd: trialEnd, trialPlan: trialEnd.map { _ in plan.name }, createdAt: now)
        if trialEnd == nil { subscription.periodTerms = PeriodTerms(subscription.terms) }
        subscription.appendHistory(ChangeAction.create.rawValue, by: actor, at: now)
        return subscription
    }

    /// Changes the plan now, and drops a pending change and a pending cancellation. Returns whether a new period starts: a renewal starts one, and
    /// outside of a trial another cycle, or a plan whose allowance has other periods; another plan alone does not.
    package mutating func change(
        to plan: Plan, action: ChangeAction, cycle: BillingCycle, by actor: Actor, at now: Timestamp
    ) throws(InvalidTransition) -> Bool {
        status = try status.after(action.event)
        let gaveMonthly = givesMonthly
        let isOtherCycle = cycle != self.cycle
        self.plan = plan
        self.cycle = cycle
        let startsPeriod = action == .renew || ((isOtherCycle || givesMonthly != gaveMonthly) && status != .trialing)
        pending = nil
        cancelAtPeriodEnd = false
        if startsPeriod { restart(at: now) }
        appendHistory(action.rawValue, by: actor, at: now)
        return startsPeriod
    }

    /// Makes the change wait for the period's end, in the place of one that waits already, and drops a pending cancellation. A change to
    /// the present plan and cycle only drops the change that waits.
    package mutating func schedule(_ change: PendingChange, at now: Timestamp) throws(InvalidTransition) {
        _ = try status.after(change.action.event)
        let isPresent = change.plan == plan && change.cycle == cycle && change.action != .renew
        pending = isPresent ? nil : change
        cancelAtPeriodEnd = false
        if isPresent { appendHistory(change.action.rawValue, note: "as it is now", by: change.actor, at: now) }
    }

    /// Ends the period now and begins another, with the change that waits for the period's end. A pending cancellation stays where it is: then the
    /// new period ends there. `endingTrial`: a trial is over; else it has no such step.
    package mutating func reset(endingTrial: Bool, by actor: Actor, at now: Timestamp) throws(InvalidTransition) {
        let end = cancelAtPeriodEnd ? period.end : nil
        status = try status == .trialing && endingTrial ? status.after(.trialEnd) : status.after(.reset)
        if let pending { (plan, cycle, self.pending) = (pending.plan, pending.cycle, nil) }
        restart(at: now)
        if let end, end > now { period = Period(start: now, end: end) }
        appendHistory(LifecycleEvent.reset.rawValue, by: actor, at: now)
    }

    /// Starts a new period at `now`, from which later ones are counted, by the present terms. A trial is over.
    package mutating func restart(at now: Timestamp) {
        anchor = now
        period = cycle.period(from: now, anchor: now)
        trialEnd = nil
        if status == .trialing { status = .active }
        periodTerms = PeriodTerms(terms)
    }

    /// The plan's allowance does not count until `resume`. `reason`: the shop's words.
    package mutating func suspend(reason: String, by actor: Actor, at now: Timestamp) throws(InvalidTransition) {
        status = try status.after(.suspend)
        suspendReason = reason
        appendHistory(LifecycleEvent.suspend.rawValue, note: reason, by: actor, at: now)
    }

    /// Ends a suspension, and leaves a pending cancellation standing; a trial that is not over goes on; without a suspension drops the cancellation. One of the two must be there.
    package mutating func resume(by actor: Actor, at now: Timestamp) throws(InvalidTransition) {
        if status != .suspended, isLive, cancelAtPeriodEnd {
            cancelAtPeriodEnd = false
        } else {
            status = try status.after(.resume)
            if let trialEnd, now < trialEnd { status = .trialing }
        }
        suspendReason = nil
        appendHistory(LifecycleEvent.resume.rawValue, by: actor, at: now)
    }

    /// Ends the subscription now, or when its period ends.
    package mutating func cancel(_ effective: Effective, by actor: Actor, at now: Timestamp) throws(InvalidTransition) {
        let canceled = try status.after(.cancel)
        appendHistory(LifecycleEvent.cancel.rawValue, note: effective == .periodEnd ? "at the period's end" : nil, by: actor, at: now)
        switch effective {
        case .periodEnd: cancelAtPeriodEnd = true
        case .now: end(canceled, at: now)
        }
    }

    /// Takes what the end of a period brings: the subscription ends, if it was canceled for then; else its trial ends, its pending change
    /// takes effect, and its next period starts, by the terms that it has then.
    mutating func passBoundary(at end: Timestamp) {
        guard isLive else { return }
        if cancelAtPeriodEnd { return self.end(.canceled, at: end) }
        if let trialEnd, trialEnd <= end {
            self.trialEnd = nil
            if status == .trialing {
                status = .active
                appendHistory(LifecycleEvent.trialEnd.rawValue, by: .system, at: end)
            }
        }
        if let pending {
            if pending.cycle != cycle || pending.action == .renew { anchor = end }
            (plan, cycle, self.pending) = (pending.plan, pending.cycle, nil)
            appendHistory(pending.action.rawValue, by: pending.actor, at: end)
        }
        period = cycle.period(from: end, anchor: anchor)
        periodTerms = PeriodTerms(terms)
    }

    private mutating func end(_ status: SubscriptionStatus, at time: Timestamp) {
        self.status = status
        canceledAt = time
        cancelAtPeriodEnd = false
        pending = nil
        endHistory(at: time)
    }

    /// Ends the history's last entry, and begins one with the present plan. The oldest entries beyond `maximumHistory` go.
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
