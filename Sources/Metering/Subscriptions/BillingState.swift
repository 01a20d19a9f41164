/// An account with the live subscription it belongs to, if any: what a change of plan and the end of a period change together.
///
/// While the subscription is entitled to its plan, the account's periods are its allowance's. Else they are calendar months (UTC) of the free plan,
/// which end at the ends of the subscription's billing periods too while one is suspended; the use of the free plan goes on within the month.
/// Whoever comes back to an allowance before its period ends finds there what was used of it (`ParkedUse`).
package struct BillingState: Equatable, Sendable {
    package var account: Account
    /// Nil: the user is on the free plan, with calendar months (UTC) as periods.
    package var subscription: Subscription?
    package let basis: ProrationBasis
    /// The user's open invoices, the oldest first, for steps that may lower or pay them.
    package var invoices: [Invoice] = []
    /// What came of changes since the state was read, in order: stored with it.
    package internal(set) var outcomes: [BillingOutcome] = []

    package init(account: Account, subscription: Subscription?, basis: ProrationBasis = .timeOrUse) {
        self.account = account
        self.subscription = subscription
        self.basis = basis
    }

    private var isEntitled: Bool { subscription?.isEntitled ?? false }
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
        followInvoices(at: now)
        return closed
    }

    private mutating func closePeriod(at end: Timestamp, free: Plan) {
        let side = leaving(at: end)
        var ending = side.ending
        if let live = subscription, live.isLive {
            ending.overage = live.overage(of: account.meters, at: end)
            if live.period.end <= end {
                ending.amount = billPeriod(endingAt: end, overage: ending.overage)
                subscription?.passBoundary(at: end)
            } else if live.isEntitled {
                subscription?.endAllowance(at: end, account.meters, basis)
                ending.amount = issue(subscription?.billOverage(ending.overage, .period, in: account.periodNumber, at: end))
            }
        }
        open(at: end, ending, from: side, free: free)
        guard let live = subscription, live.isLive else { return }
        if live.period.start == end {
            subscription?.tally = PeriodTally(since: end, account.meters)
        } else if live.isEntitled {
            subscription?.tally.beginAllowance(at: end, account.meters)
        }
    }
}

/// Changes of the subscription, which the account and the bills follow.
extension BillingState {
    /// Puts the user on a new subscription, whose first period becomes the account's. The period before, which costs nothing, is closed; of
    /// an account that was never stored there is none. `former`: the user's subscription before, if there was one.
    package mutating func start(_ subscription: Subscription, after former: Subscription? = nil, at now: Timestamp, free: Plan) {
        var side = leaving(at: now)
        side.ending.reason = ChangeAction.create.rawValue
        self.subscription = subscription
        if let former, former.isFree, subscription.isFree, !subscription.isTrial { side.back = former.parked }
        if account.version == 0 {
            account.period = subscription.allowancePeriod(at: now)
            adoptEntitlement(free: free)
        } else {
            open(at: now, side.ending, from: side, free: free)
        }
        self.subscription?.tally = PeriodTally(since: now, account.meters)
    }

    /// Changes the plan now. What was used in the period stays used, unless the change starts a new period. Without a subscription it
    /// throws as for a canceled one.
    package mutating func change(
        to plan: Plan, action: ChangeAction, cycle: BillingCycle, by actor: Actor, at now: Timestamp, free: Plan
    ) throws(InvalidTransition) {
        try step(at: now, free: free) { subscription throws(InvalidTransition) in
            try subscription.change(to: plan, action: action, cycle: cycle, by: actor, at: now)
        }
    }

    /// Closes the period at `now`, before its end, and starts a new one, from which later ones are counted.
    package mutating func reset(endingTrial: Bool = false, by actor: Actor = .system, at now: Timestamp, free: Plan)
        throws(InvalidTransition)
    {
        try step(at: now, free: free) { subscription throws(InvalidTransition) in
            try subscription.reset(endingTrial: endingTrial, by: actor, at: now)
            return true
        }
    }

    /// Suspends, resumes or cancels: `body` changes the subscription, and the account and the bills follow. A cancellation now bills the part of
    /// the period that was, and ends it; a suspension leaves the plan's allowance for the free one's, and its end comes back to it.
    package mutating func apply(
        at now: Timestamp, free: Plan, _ body: (inout Subscription) throws(InvalidTransition) -> Void
    ) throws(InvalidTransition) {
        try step(at: now, free: free) { subscription throws(InvalidTransition) in
            try body(&subscription)
            return false
        }
    }

    /// Takes a step of the subscription; `body` returns whether it began a new period.
    private mutating func step(
        at now: Timestamp, free: Plan, _ body: (inout Subscription) throws(InvalidTransition) -> Bool
    ) throws(InvalidTransition) {
        guard let before = subscription else { throw InvalidTransition(from: .canceled, event: .change) }
        var changed = before
        let beginsPeriod = try body(&changed)
        if beginsPeriod || !changed.isLive {
            end(before, at: now, goingOnWith: changed, free: free)
        } else if before.isEntitled != changed.isEntitled {
            cross(from: before, to: changed, at: now, free: free)
        } else {
            vary(from: before, to: changed, at: now, free: free)
        }
        followInvoices(at: now, after: before.status)
    }

    /// The billing period of `before` ends now.
    private mutating func end(_ before: Subscription, at now: Timestamp, goingOnWith changed: Subscription, free: Plan) {
        var side = leaving(at: now)
        let meters = account.meters
        side.ending.reason = changed.lastReason
        side.ending.overage = before.overage(of: meters, at: now)
        side.ending.amount = billPeriod(endingAt: now, overage: side.ending.overage)
        var changed = changed
        (changed.credit, changed.parked) = (subscription?.credit ?? [:], before.parked)
        subscription = changed
        let unpaid = before.unpaidUse(at: now, meters)
        if changed.isEntitled, before.isEntitled { side.back = unpaid }
        if before.isEntitled || changed.isLive {
            open(at: now, side.ending, from: side, free: free)
        } else {
            account.period = Period(start: account.period.start, end: Self.freeMonth(at: now).end)
            adoptEntitlement(free: free)
        }
        if changed.isLive {
            subscription?.tally = PeriodTally(since: now, account.meters)
        } else if before.isEntitled {
            subscription?.parked = unpaid
        }
    }

    /// The plan's allowance counts no more, or again.
    private mutating func cross(from before: Subscription, to changed: Subscription, at now: Timestamp, free: Plan) {
        var side = leaving(at: now)
        side.ending.reason = changed.lastReason
        var meters = account.meters
        forgive(before.overage(of: meters, at: now), before, at: now)
        var changed = changed
        (changed.credit, changed.tally) = (subscription?.credit ?? [:], subscription?.tally ?? changed.tally)
        subscription = changed
        open(at: now, side.ending, from: side, free: free)
        // What is carried over was used of the allowance too.
        if side.isPlan, let parked = subscription?.parked {
            for index in meters.indices { meters[index].used = parked.used[meters[index].meter] ?? meters[index].used }
        }
        reprice(from: before, meters, at: now)
    }

    /// The terms may be others; the allowance's period goes on.
    private mutating func vary(from before: Subscription, to changed: Subscription, at now: Timestamp, free: Plan) {
        let meters = account.meters
        let isOther = (before.plan, before.terms) != (changed.plan, changed.terms)
        if isOther { forgive(before.overage(of: meters, at: now), before, at: now) }
        var changed = changed
        changed.credit = subscription?.credit ?? [:]
        subscription = changed
        adoptEntitlement(free: free)
        if isOther { reprice(from: before, meters, at: now) }
    }
}

/// The account's periods.
extension BillingState {
    /// The allowance that the user leaves: how its period ends, until when it would have lasted, and what was used of the one that counts next.
    private struct Side {
        var ending = PeriodEnd()
        let isPlan: Bool
        let end: Timestamp
        /// What comes back; nil: what is parked with the subscription.
        var back: ParkedUse?
    }

    private func leaving(at now: Timestamp) -> Side {
        if let live = subscription, live.isEntitled {
            var side = Side(isPlan: true, end: live.allowancePeriod(at: live.tally.since).end)
            side.ending.earned = live.earned(by: now, account.meters)
            return side
        }
        let month = Self.freeMonth(at: account.period.end.adding(milliseconds: -1))
        var side = Side(isPlan: false, end: month.end)
        if account.period.start > month.start || now < month.end { side.ending.earned = account.earned(by: now, of: month) }
        return side
    }

    /// Closes the account's period and opens the one that the subscription gives now, with the use of its allowance that was there before.
    private mutating func open(at now: Timestamp, _ ending: PeriodEnd, from side: Side, free: Plan) {
        var ending = ending
        let (before, isPlan) = (account, isEntitled)
        if let back = side.back {
            if back.until > now { ending.restored = back.used }
        } else if side.isPlan != isPlan {
            if let parked = subscription?.parked, parked.until > now { ending.restored = parked.used }
        } else if !isPlan, now < side.end {
            (ending.restored, ending.earned) = (before.use, [:])
        }
        account.close(at: now, opening: nextPeriod(from: now), ending)
        if side.isPlan != isPlan {
            subscription?.parked = now < side.end ? ParkedUse(until: side.end, used: before.use(withCarriedInto: account, ending)) : nil
        }
        adoptEntitlement(free: free)
        for index in account.meters.indices where account.meters[index].opening > 0 {
            account.meters[index].rearm(for: account.meters[index].limit, isLarger: true)
        }
    }

    private func nextPeriod(from now: Timestamp) -> Period {
        guard let live = subscription, live.isLive else { return Period(start: now, end: Self.freeMonth(at: now).end) }
        let end = live.isEntitled ? live.allowancePeriod(at: now).end : Self.freeMonth(at: now).end
        return Period(start: now, end: min(end, live.period.end))
    }

    private static func freeMonth(at now: Timestamp) -> Period { .calendarMonth(of: now) }

    /// Gives the account the limits of its subscription's plan while that is entitled to it, else those of the free plan.
    package mutating func adoptEntitlement(free: Plan) {
        let plan = subscription.flatMap { $0.isEntitled ? $0.plan : nil }
        account.adopt(plan ?? free, subscription: subscription.flatMap { $0.isLive ? $0.id : nil })
    }
}

extension Account {
    /// The part of each limit that the time from the period's start to `now` is of `whole`.
    fileprivate func earned(by now: Timestamp, of whole: Period) -> [Meter: Quantity] {
        let length = Int128(max(0, min(now, whole.end).since(max(period.start, whole.start))))
        return meters.reduce(into: [:]) { earned, balance in
            guard let limit = balance.limit.quantity else { return }
            earned[balance.meter] = Quantity(Int128(limit) * length / Int128(whole.length))
        }
    }

    /// U of each meter, with what its period's end has carried over or paid debt with.
    fileprivate func use(withCarriedInto after: Account, _ ending: PeriodEnd) -> [Meter: Quantity] {
        meters.reduce(into: [:]) { use, balance in
            let carried = after.balance(of: balance.meter).rollover - balance.rollover - (ending.overage[balance.meter] ?? 0)
            let sum = balance.used.bounded(adding: max(0, carried))
            if sum > 0 { use[balance.meter] = sum }
        }
    }
}

extension Subscription {
    /// The step that was taken last, as the history names it.
    fileprivate var lastReason: String { history.last?.reason ?? PeriodSummary.isOver }

    var isTrial: Bool { trialEnd == period.end }

    fileprivate var isFree: Bool { plan.fee(for: cycle) == .zero }

    /// The use of a plan without a fee that is more than the time has earned: nothing bills it, so that it stays used. Nil where there is a fee.
    fileprivate func unpaidUse(at now: Timestamp, _ meters: [MeterBalance]) -> ParkedUse? {
        guard isEntitled, !isTrial, isFree else { return nil }
        let earned = earned(by: now, meters)
        let used = meters.reduce(into: [Meter: Quantity]()) { used, balance in
            let unpaid = balance.used - (earned[balance.meter] ?? 0)
            if balance.limit.quantity != nil, unpaid > 0 { used[balance.meter] = unpaid }
        }
        return used.isEmpty ? nil : ParkedUse(until: allowancePeriod(at: tally.since).end, used: used)
    }
}
