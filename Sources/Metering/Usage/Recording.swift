/// Why an amount was not recorded, held or added.
package enum UsageRefusal: Error, Equatable, Sendable {
    /// Limits are enforced, and less than the amount is available. `available` is never below 0.
    case limitExceeded(meter: Meter, limit: Quantity, current: Quantity, requested: Quantity, available: Quantity)
    /// A total of the account would pass `Quantity.largest`.
    case totalTooLarge
    /// The account counts `Account.maximumMeters` already, and this meter is one more.
    case tooManyMeters
}

extension Account {
    /// Records an event: takes its amount by the waterfall, counts tokens on their day, and tells the thresholds that it crossed. The
    /// amount is taken whole, or the account stays as it is.
    ///
    /// - Parameters:
    ///   - time: when the event happened.
    ///   - enforce: whether the event is refused when less than its amount is available; else the rest becomes debt.
    ///   - enforcement: the operator's switch; `off` lifts the limit, whatever `enforce` says.
    ///   - thresholds: percentages of the limit, rising.
    package mutating func record(
        _ content: UsageContent, at time: Timestamp, enforce: Bool, enforcement: Enforcement = .on,
        thresholds: [Int] = ThresholdAlert.defaultThresholds
    ) throws(UsageRefusal) -> Settlement {
        let index = try balanceIndex(of: content.meter)
        var balance = meters[index].under(enforcement)
        try balance.check(content.amount, enforce: enforce)
        let breakdown = balance.take(content.amount)
        if content.meter == .tokens { count(content.amount, at: time) }
        let alerts = balance.reportCrossed(thresholds)
        meters[index] = balance.with(limit: meters[index].limit)
        return Settlement(
            breakdown: breakdown, used: balance.used, limit: balance.limit, remaining: balance.remaining, alerts: alerts)
    }

    /// Counts an event of the log, as `record` counted it. False, and the account stays as it is, where the event is not the log's next entry, or
    /// does more than an event alone: then the account's document was stored with it.
    package mutating func follow(_ event: RecordedEvent) -> Bool {
        guard event.sequence == version + 1, event.periodNumber == periodNumber, event.commitment == nil,
            let index = try? balanceIndex(of: event.content.meter)
        else { return false }
        version += 1
        loggedAt = event.recordedAt
        meters[index].put(event.settlement)
        if event.content.meter == .tokens { count(event.content.amount, at: event.at) }
        return true
    }

    /// The day on which an event counts: its own where the period has it, else the period's first.
    package func countingDay(of time: Timestamp) -> CivilDay {
        period.contains(time) ? time.day : period.start.day
    }

    /// The index of the meter's balance in `meters`. A meter that has none gets one with a limit of 0.
    mutating func balanceIndex(of meter: Meter) throws(UsageRefusal) -> Int {
        if let index = meters.firstIndex(where: { $0.meter == meter }) { return index }
        guard meters.count < Self.maximumMeters else { throw .tooManyMeters }
        meters.append(MeterBalance(meter: meter, limit: .of(0)))
        return meters.count - 1
    }

    /// Adds a query of that many tokens to the lifetime's totals and to its day, and keeps the days in order.
    private mutating func count(_ tokens: Quantity, at time: Timestamp) {
        let query = Totals(tokens: tokens, queries: 1, peak: tokens)
        lifetime.add(query)
        let day = countingDay(of: time)
        let index = daily.lastIndex { $0.day <= day }.map { daily[$0].day == day ? $0 : $0 + 1 } ?? 0
        if index == daily.count || daily[index].day != day { daily.insert(DailyUsage(day: day), at: index) }
        daily[index].totals.add(query)
    }
}
