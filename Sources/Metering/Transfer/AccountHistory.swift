/// An account with all of its closed periods, into which usage of the past is put: each event counts in the period of its own time, as if it had been
/// recorded then. The past was settled elsewhere: it is never billed, takes nothing that was purchased here, and makes no debt.
///
/// An event takes from the limit of its period, then from what was carried into it, and what neither has counts as used beyond the limit. What is
/// carried from period to period is worked out again by the rule of a period's end, up to the present one.
package struct AccountHistory: Equatable, Sendable {
    package private(set) var account: Account
    private var periods: [OpenedPeriod]
    /// Whether periods were put before the first one, so that all have other numbers.
    package private(set) var isRenumbered = false
    private let before: [ClosedPeriod]

    /// The most periods that are put before an account's first.
    package static let maximumMonths = 600

    /// `closes`: all of the account's closed periods, in order.
    package init(_ account: Account, closes: [ClosedPeriod]) {
        self.account = account
        before = closes
        periods = closes.map(OpenedPeriod.init)
    }

    /// Where the account's first period begins.
    package var start: Timestamp { periods.first?.close.summary.period.start ?? account.period.start }

    /// Puts calendar months (UTC) of the free plan before the first period, so that one of them has the time. Only for an account that nothing was
    /// recorded or billed for, as its periods get other numbers. Returns whether there is room.
    package mutating func reach(back time: Timestamp, free: Plan) -> Bool {
        var months: [OpenedPeriod] = []
        var month = Period.calendarMonth(of: time)
        let end = start
        while month.start < end {
            guard months.count < Self.maximumMonths else { return false }
            months.append(OpenedPeriod(Period(start: month.start, end: min(month.end, end)), on: free, for: account.user))
            month = Period.calendarMonth(of: month.end)
        }
        guard !months.isEmpty else { return true }
        periods = months + periods
        account.periodNumber += Int64(months.count)
        isRenumbered = true
        return true
    }

    /// Records an event of a time that is before the present period and not before `start`; nil for another one. Throws where a total would be too large,
    /// or the period would have too many meters; then nothing is changed.
    package mutating func record(
        _ id: EventID, _ content: UsageContent, at time: Timestamp, recordedAt now: Timestamp
    ) throws(UsageRefusal) -> RecordedEvent? {
        // The last one that began by then: of a period that was cut short the next begins at its end.
        guard time < account.period.start, let index = periods.lastIndex(where: { $0.close.summary.period.start <= time }) else {
            return nil
        }
        let settlement = try periods[index].take(content, at: time)
        if content.meter == .tokens { account.lifetime.add(Totals(tokens: content.amount, queries: 1, peak: content.amount)) }
        return RecordedEvent(
            id: id, user: account.user, content: content, at: time, recordedAt: now, periodNumber: Int64(index) + 1, settlement: settlement)
    }

    /// Records an event of the present period as any event is recorded.
    package mutating func recordPresent(
        _ id: EventID, _ content: UsageContent, at time: Timestamp, recordedAt now: Timestamp
    ) throws(UsageRefusal) -> RecordedEvent {
        let settlement = try account.record(content, at: time, enforce: false, enforcement: .on)
        return RecordedEvent(
            id: id, user: account.user, content: content, at: time, recordedAt: now, periodNumber: account.periodNumber,
            settlement: settlement)
    }

    /// Carries over from period to period again. Returns the closed periods that are others than before.
    package mutating func finish() -> [ClosedPeriod] {
        var shifts: [Meter: Quantity] = [:]
        var closes: [ClosedPeriod] = []
        for (index, period) in periods.enumerated() { closes.append(period.closed(number: Int64(index) + 1, &shifts)) }
        for index in account.meters.indices { account.meters[index].rollover += shifts[account.meters[index].meter] ?? 0 }
        account.summaries = closes.suffix(Account.maximumSummaries).map(\.summary)
        return closes.enumerated().filter { index, close in !before.indices.contains(index) || before[index] != close }.map(\.element)
    }
}

/// A closed period that usage is put into.
private struct OpenedPeriod: Equatable, Sendable {
    let close: ClosedPeriod
    var balances: [MeterBalance]
    var days: [DailyUsage]

    init(_ close: ClosedPeriod) {
        self.close = close
        balances = close.balances
        days = close.days
    }

    /// A period in which nothing was used.
    init(_ period: Period, on plan: Plan, for user: UserID) {
        var account = Account(user: user, plan: plan.name, period: period, meters: [])
        account.adopt(plan, subscription: nil)
        account.close(at: period.end, opening: period)
        // A period that was closed just now is there.
        self.init(account.closed[0])
    }

    mutating func take(_ content: UsageContent, at time: Timestamp) throws(UsageRefusal) -> Settlement {
        let index = try balanceIndex(of: content.meter)
        var balance = balances[index]
        let inLimit = min(content.amount, balance.allowanceLeft ?? content.amount)
        let fromRollover = min(content.amount - inLimit, max(0, balance.rollover))
        let counted = content.amount - fromRollover
        guard balance.used <= Quantity.largest - counted else { throw .totalTooLarge }
        balance.used += counted
        balance.rollover -= fromRollover
        balances[index] = balance
        if content.meter == .tokens { count(content.amount, on: time.day) }
        return Settlement(
            breakdown: Breakdown(fromSubscription: counted, fromRollover: fromRollover), used: balance.used, limit: balance.limit,
            remaining: balance.remaining, alerts: [])
    }

    private mutating func balanceIndex(of meter: Meter) throws(UsageRefusal) -> Int {
        if let index = balances.firstIndex(where: { $0.meter == meter }) { return index }
        guard balances.count < Account.maximumMeters else { throw .tooManyMeters }
        balances.append(MeterBalance(meter: meter, limit: .of(0)))
        return balances.count - 1
    }

    private mutating func count(_ tokens: Quantity, on day: CivilDay) {
        let index = days.firstIndex { $0.day >= day } ?? days.count
        if index == days.count || days[index].day != day { days.insert(DailyUsage(day: day), at: index) }
        days[index].totals.add(Totals(tokens: tokens, queries: 1, peak: tokens))
    }

    /// The period as it is closed.
    ///
    /// - Parameter shifts: by how much what is carried in differs from before, by meter; then by how much what is carried out does.
    func closed(number: Int64, _ shifts: inout [Meter: Quantity]) -> ClosedPeriod {
        var (balances, next): ([MeterBalance], [Meter: Quantity]) = (balances, [:])
        var meters: [ClosedMeter] = []
        for index in balances.indices {
            let meter = balances[index].meter
            let known = close.summary.meters.first { $0.meter == meter }
            balances[index].rollover += shifts[meter] ?? 0
            var after = balances[index]
            after.carryOver(earned: known?.earned)
            // Debt that the past made where there was less is forgiven, and none of it is billed.
            let isForgiven = known.map { $0.overage != 0 } ?? false || after.rollover < min(0, known?.carriedOver ?? 0)
            let overage = isForgiven ? max(0, -after.rollover) : 0
            let carriedOver = after.rollover + overage
            let shift = carriedOver - (known?.carriedOver ?? 0)
            if shift != 0 { next[meter] = shift }
            meters.append(
                ClosedMeter(
                    meter: meter, limit: balances[index].limit, used: balances[index].used, carriedOver: carriedOver, overage: overage,
                    earned: known?.earned))
        }
        shifts = next
        let totals = days.reduce(into: Totals()) { $0.add($1.totals) }
        let summary = PeriodSummary(
            period: close.summary.period, plan: close.summary.plan, totals: totals,
            peakDay: days.max { $0.totals.tokens < $1.totals.tokens }?.day, meters: meters)
        return ClosedPeriod(number: number, summary: summary, balances: balances, days: days, charged: close.charged)
    }
}
