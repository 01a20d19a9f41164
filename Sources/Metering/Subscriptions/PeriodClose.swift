/// A period that is over: an entry of an account's `monthly_summary`.
package struct PeriodSummary: Equatable, Sendable {
    package let period: Period
    package let plan: PlanName
    package let totals: Totals
    /// The day with the most tokens; nil when there were none.
    package let peakDay: CivilDay?
    package let meters: [ClosedMeter]

    package init(period: Period, plan: PlanName, totals: Totals, peakDay: CivilDay?, meters: [ClosedMeter]) {
        self.period = period
        self.plan = plan
        self.totals = totals
        self.peakDay = peakDay
        self.meters = meters
    }
}

/// What one meter closed a period with.
package struct ClosedMeter: Equatable, Sendable {
    package let meter: Meter
    package let limit: Limit
    package let used: Quantity
    /// The balance carried into the next period; below 0 it is debt.
    package let carriedOver: Quantity
    /// Debt that was billed instead.
    package let overage: Quantity

    package init(meter: Meter, limit: Limit, used: Quantity, carriedOver: Quantity, overage: Quantity = 0) {
        self.meter = meter
        self.limit = limit
        self.used = used
        self.carriedOver = carriedOver
        self.overage = overage
    }
}

/// A period's end as the log keeps it: what the rule of carrying over was given, and what came of it.
package struct ClosedPeriod: Equatable, Sendable {
    package let number: Int64
    package let summary: PeriodSummary
    /// The balances at the end, before they were carried over; in the order of the summary's meters.
    package let balances: [MeterBalance]
    package let days: [DailyUsage]
    /// What was billed for it, before credit.
    package let billed: Money

    package init(
        number: Int64, summary: PeriodSummary, balances: [MeterBalance], days: [DailyUsage] = [], billed: Money = .zero
    ) {
        self.days = days
        self.billed = billed
        self.number = number
        self.summary = summary
        self.balances = balances
    }
}

extension Account {
    /// Closes the period at `end`, which may be before its planned end, and opens `next`. What is billed of debt is forgiven.
    package mutating func close(at end: Timestamp, opening next: Period, billing billed: PeriodCharges = PeriodCharges()) {
        let balances = meters
        for index in meters.indices {
            meters[index].carryOver()
            meters[index].rollover += billed.overage[meters[index].meter] ?? 0
        }
        let summary = PeriodSummary(
            period: Period(start: period.start, end: end), plan: plan, totals: periodTotals,
            peakDay: daily.max { $0.totals.tokens < $1.totals.tokens }?.day,
            meters: zip(balances, meters).map { before, after in
                ClosedMeter(
                    meter: before.meter, limit: before.limit, used: before.used, carriedOver: after.rollover,
                    overage: billed.overage[before.meter] ?? 0)
            })
        closed.append(ClosedPeriod(number: periodNumber, summary: summary, balances: balances, days: daily, billed: billed.amount))
        summaries.append(summary)
        if summaries.count > Self.maximumSummaries { summaries.removeFirst(summaries.count - Self.maximumSummaries) }
        daily = []
        periodNumber += 1
        period = next
    }
}

/// An account with the live subscription that it belongs to, if any: what a period's end changes together.
package struct BillingState: Equatable, Sendable {
    package var account: Account
    package var subscription: Subscription?
    /// What was billed since the ledger was read, in order: stored with it.
    package internal(set) var charges: [BillingOutcome] = []

    package init(account: Account, subscription: Subscription?) {
        self.account = account
        self.subscription = subscription
    }

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

    /// Closes the period now and starts a new one, from which later ones are counted.
    package mutating func reset(at now: Timestamp, free: Plan) {
        let billed = billPeriod(endingAt: now)
        subscription?.restart(at: now)
        account.close(at: now, opening: subscription?.period ?? Self.freePeriod(from: now), billing: billed)
        adoptEntitlement(free: free)
    }

    /// Gives the account the limits that its subscription entitles it to, or those of the free plan.
    package mutating func adoptEntitlement(free: Plan) {
        let plan = subscription.flatMap { $0.status.isEntitled ? $0.plan : nil }
        account.adopt(plan ?? free, subscription: subscription.flatMap { $0.isLive ? $0.id : nil })
    }

    private mutating func closePeriod(at end: Timestamp, free: Plan) {
        let billed = billPeriod(endingAt: end)
        subscription?.passBoundary(at: end)
        account.close(at: end, opening: nextPeriod(from: end), billing: billed)
        adoptEntitlement(free: free)
    }

    /// Without `withOverage`, debt stays debt.
    mutating func billPeriod(endingAt end: Timestamp, withOverage: Bool = true) -> PeriodCharges {
        var billed = PeriodCharges()
        if withOverage { billed.overage = subscription?.overage(of: account, at: end) ?? [:] }
        guard let charge = subscription?.billPeriod(account.periodNumber, endingAt: end, overage: billed.overage) else { return billed }
        charges.append(charge)
        billed.amount = charge.bill?.charged ?? .zero
        return billed
    }

    private func nextPeriod(from end: Timestamp) -> Period {
        guard let subscription, subscription.isLive else { return Self.freePeriod(from: end) }
        return subscription.period
    }

    /// Without a subscription: to the end of the calendar month.
    private static func freePeriod(from start: Timestamp) -> Period {
        BillingCycle.monthly.period(from: start, anchor: start.day.firstOfMonth.start)
    }
}

extension Subscription {
    /// The end of a period: it ends, or its next period starts, with the change that waited for it.
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
        billing = PeriodTerms(terms)
    }
}
