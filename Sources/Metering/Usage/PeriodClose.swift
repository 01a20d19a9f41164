/// A period that is over, as the account keeps it.
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

/// One meter at the end of a period.
package struct ClosedMeter: Equatable, Sendable {
    package let meter: Meter
    package let limit: Limit
    package let used: Quantity
    /// The rollover into the next period; below 0 it is debt.
    package let carriedOver: Quantity
    /// Debt that was billed, and forgiven for it.
    package let overage: Quantity

    package init(meter: Meter, limit: Limit, used: Quantity, carriedOver: Quantity, overage: Quantity = 0) {
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
}

extension Account {
    /// Closes the period at `end`, which may be before its planned end, and opens `next`: each meter carries over
    /// (`MeterBalance.carryOver`), debt that was billed as overage is forgiven, and the days become a summary.
    package mutating func close(at end: Timestamp, opening next: Period, billing charges: PeriodCharges = PeriodCharges()) {
        let balances = meters
        for index in meters.indices {
            meters[index].carryOver()
            meters[index].rollover += charges.overage[meters[index].meter] ?? 0
        }
        let summary = PeriodSummary(
            period: Period(start: period.start, end: end), plan: plan, totals: periodTotals,
            peakDay: daily.max { $0.totals.tokens < $1.totals.tokens }?.day,
            meters: zip(balances, meters).map { before, after in
                ClosedMeter(
                    meter: before.meter, limit: before.limit, used: before.used, carriedOver: after.rollover,
                    overage: charges.overage[before.meter] ?? 0)
            })
        closed.append(ClosedPeriod(number: periodNumber, summary: summary, balances: balances, days: daily, charged: charges.amount))
        summaries.append(summary)
        if summaries.count > Self.maximumSummaries { summaries.removeFirst(summaries.count - Self.maximumSummaries) }
        daily = []
        periodNumber += 1
        period = next
    }
}
