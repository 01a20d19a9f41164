/// What a client says of an event. Two events with one id are the same when their contents are equal.
package struct UsageContent: Equatable, Sendable {
    package var meter: Meter
    package var amount: Quantity
    /// When it happened, if the client says so.
    package var occurredAt: Timestamp?
    package var referenceID: String?
    package var description: String?
    package var dimensions: [String: String]

    /// The name by which `referenceID` is grouped and labelled like a dimension.
    package static let reference = "reference_id"

    package init(
        meter: Meter = .tokens, amount: Quantity, occurredAt: Timestamp? = nil, referenceID: String? = nil, description: String? = nil,
        dimensions: [String: String] = [:]
    ) {
        self.meter = meter
        self.amount = amount
        self.occurredAt = occurredAt
        self.referenceID = referenceID
        self.description = description
        self.dimensions = dimensions
    }
}

/// What recording an event did.
package struct Settlement: Equatable, Sendable {
    package let breakdown: Breakdown
    package let used: Quantity
    package let limit: Limit
    /// What can still be used after it; nil when unlimited.
    package let remaining: Quantity?
    package let alerts: [ThresholdAlert]

    package init(breakdown: Breakdown, used: Quantity, limit: Limit, remaining: Quantity?, alerts: [ThresholdAlert]) {
        self.breakdown = breakdown
        self.used = used
        self.limit = limit
        self.remaining = remaining
        self.alerts = alerts
    }
}

/// Why an event was not recorded.
package enum UsageRefusal: Error, Equatable, Sendable {
    /// It was to be enforced, and less than its amount is available.
    case limitExceeded(meter: Meter, limit: Quantity, current: Quantity, requested: Quantity, available: Quantity)
    /// A total of the account would pass `Quantity.largest`.
    case totalTooLarge
    /// The account counts `Account.maximumMeters` already, and this is one more.
    case tooManyMeters
}

extension Account {
    /// Takes an event's amount and counts it on its day. An enforced event is refused whole when too little is left.
    package mutating func record(
        _ content: UsageContent, at time: Timestamp, enforce: Bool, enforcement: Enforcement = .on,
        thresholds: [Int] = ThresholdAlert.standard
    ) throws(UsageRefusal) -> Settlement {
        let index = try balanceIndex(of: content.meter)
        var balance = meters[index].under(enforcement)
        try balance.check(content.amount, enforce: enforce)
        guard lifetime.tokens <= Quantity.largest - content.amount else { throw .totalTooLarge }
        let breakdown = balance.take(content.amount)
        if content.meter == .tokens { count(content.amount, at: time) }
        let alerts = balance.reportCrossed(thresholds)
        meters[index] = balance.keeping(limit: meters[index].limit)
        return Settlement(
            breakdown: breakdown, used: balance.used, limit: balance.limit, remaining: balance.remaining, alerts: alerts)
    }

    /// The day an event counts on: its own where the period has it, else the period's first.
    package func countingDay(of time: Timestamp) -> CivilDay {
        period.contains(time) ? time.day : period.start.day
    }

    /// The place of the meter's balance, which is made where there is none.
    mutating func balanceIndex(of meter: Meter) throws(UsageRefusal) -> Int {
        if let index = meters.firstIndex(where: { $0.meter == meter }) { return index }
        guard meters.count < Self.maximumMeters else { throw .tooManyMeters }
        meters.append(MeterBalance(meter: meter, limit: .of(0)))
        return meters.count - 1
    }

    private mutating func count(_ amount: Quantity, at time: Timestamp) {
        let query = Totals(tokens: amount, queries: 1, peak: amount)
        lifetime.add(query)
        let day = countingDay(of: time)
        let index = daily.lastIndex { $0.day <= day }.map { daily[$0].day == day ? $0 : $0 + 1 } ?? 0
        if index == daily.count || daily[index].day != day { daily.insert(DailyUsage(day: day), at: index) }
        daily[index].totals.add(query)
    }
}

extension MeterBalance {
    /// Whether that much can still be used.
    package func allows(_ amount: Quantity) -> Bool { available.map { amount <= $0 } ?? true }

    package func check(_ amount: Quantity, enforce: Bool) throws(UsageRefusal) {
        if enforce, !allows(amount), let limit = limit.quantity, let available {
            throw .limitExceeded(meter: meter, limit: limit, current: used, requested: amount, available: max(0, available))
        }
        guard used <= Quantity.largest - amount, rollover >= amount - Quantity.largest else { throw .totalTooLarge }
    }
}
