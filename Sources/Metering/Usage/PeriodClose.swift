/// A period that is over, as the account keeps it.
package struct PeriodSummary: Equatable, Sendable {
    package let period: Period
    package let plan: PlanName
    package let totals: Totals
    /// The day with the most tokens; nil when there were none.
    package let peakDay: CivilDay?
    package let meters: [ClosedMeter]
    /// Why it ended: `period_end`, or the step that cut it short, as histories name it.
    package let reason: String

    package static let isOver = "period_end"

    package init(
        period: Period, plan: PlanName, totals: Totals, peakDay: CivilDay?, meters: [ClosedMeter], reason: String = PeriodSummary.isOver
    ) {
        self.reason = reason
        self.period = period
        self.plan = plan
        self.totals = totals
        self.peakDay = peakDay
        self.meters = meters
    }
}

/// One meter at the end of a period.
package struct ClosedMeter: Equatable, Sendable {
    package let meter: Meter
    package let limit: Limit
    package let used: Quantity
    /// The rollover into the next period; below 0 it is debt.
    package let carriedOver: Quantity
    /// Debt that the period's end billed, and forgave for it.
    package let overage: Quantity
    /// The allowance that the time of a period that was cut short has earned; nil: all of it.
    package let earned: Quantity?

    package init(meter: Meter, limit: Limit, used: Quantity, carriedOver: Quantity, overage: Quantity = 0, earned: Quantity? = nil) {
        self.earned = earned
        self.meter = meter
        self.limit = limit
        self.used = used
        self.carriedOver = carriedOver
        self.overage = overage
    }
}

/// A period's end as the log keeps it, so that an audit can work it out again: the balances before it, and the summary that came of them.
package struct ClosedPeriod: Equatable, Sendable {
    package let number: Int64
    package let summary: PeriodSummary
    /// The balances before they were carried over, in the order of the summary's meters.
    package let balances: [MeterBalance]
    package let days: [DailyUsage]
    /// The fee and the overage that the end billed, before credit.
    package let charged: Money

    package init(
        number: Int64, summary: PeriodSummary, balances: [MeterBalance], days: [DailyUsage] = [], charged: Money = .zero
    ) {
        self.number = number
        self.summary = summary
        self.balances = balances
        self.days = days
        self.charged = charged
    }

    func carriedOver(of meter: Meter) -> Quantity { summary.meters.first { $0.meter == meter }?.carriedOver ?? 0 }

    func overage(of meter: Meter) -> Quantity { summary.meters.first { $0.meter == meter }?.overage ?? 0 }

    func earned(of meter: Meter) -> Quantity? { summary.meters.first { $0.meter == meter }?.earned }
}

/// The end of an account's period, as it counts for the balances.
package struct PeriodEnd: Equatable, Sendable {
    /// Debt that is billed, and forgiven for it.
    package var overage: [Meter: Quantity] = [:]
    /// The fee and the overage that were billed, before credit.
    package var amount = Money.zero
    /// The allowance that the period's time has earned, a meter that is missing nothing; nil: all of it.
    package var earned: [Meter: Quantity]?
    /// What was used before of the allowance that counts from now on.
    package var restored: [Meter: Quantity] = [:]
    /// As `PeriodSummary.reason`.
    package var reason = PeriodSummary.isOver

    package init() {}
}

extension Account {
    /// Closes the period at `end`, which may be before its planned end, and opens `next`: debt that was billed as overage is forgiven, each meter
    /// carries over (`MeterBalance.carryOver`), and the days become a summary.
    package mutating func close(at end: Timestamp, opening next: Period, _ ending: PeriodEnd = PeriodEnd()) {
        let balances = meters
        var closedMeters: [ClosedMeter] = []
        for index in meters.indices {
            let before = balances[index]
            let overage = ending.overage[before.meter] ?? 0
            let earned = ending.earned.map { $0[before.meter] ?? 0 }.flatMap { earned in
                before.limit.quantity.map { earned < $0 } ?? false ? earned : nil
            }
            meters[index].rollover += overage
            meters[index].carryOver(earned: earned)
            closedMeters.append(
                ClosedMeter(
                    meter: before.meter, limit: before.limit, used: before.used, carriedOver: meters[index].rollover, overage: overage,
                    earned: earned))
            if let used = ending.restored[before.meter] { (meters[index].used, meters[index].opening) = (used, used) }
        }
        let summary = PeriodSummary(
            period: Period(start: period.start, end: end), plan: plan, totals: periodTotals,
            peakDay: daily.max { $0.totals.tokens < $1.totals.tokens }?.day, meters: closedMeters, reason: ending.reason)
        closed.append(ClosedPeriod(number: periodNumber, summary: summary, balances: balances, days: daily, charged: ending.amount))
        summaries.append(summary)
        if summaries.count > Self.maximumSummaries { summaries.removeFirst(summaries.count - Self.maximumSummaries) }
        daily = []
        periodNumber += 1
        period = next
    }

    /// U of each meter of which something was used.
    var use: [Meter: Quantity] { meters.reduce(into: [:]) { use, balance in if balance.used > 0 { use[balance.meter] = balance.used } } }
}
