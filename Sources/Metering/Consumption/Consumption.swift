/// What a user consumed in a calendar month (UTC), held against limits. They warn, and refuse nothing.
package struct Consumption: Equatable, Sendable {
    package let apiCalls: ConsumedMetric
    package let tokens: ConsumedMetric

    package init(apiCalls: Quantity, tokens: Quantity, limits: ConsumptionLimits) {
        self.apiCalls = ConsumedMetric(meter: .apiCalls, current: apiCalls, limit: limits.apiCalls)
        self.tokens = ConsumedMetric(meter: .tokens, current: tokens, limit: limits.tokens)
    }

    /// At most one of a metric, that of API calls first.
    package var alerts: [ConsumptionAlert] { [apiCalls, tokens].compactMap(\.alert) }

    /// The graver of the alerts' types; nil where there are none.
    package var level: ConsumptionAlert.Level? {
        let levels = alerts.map(\.level)
        return levels.contains(.hard) ? .hard : levels.first
    }
}

/// What a month may have before it alerts.
package struct ConsumptionLimits: Equatable, Sendable {
    package let apiCalls: Limit
    package let tokens: Limit

    package init(apiCalls: Limit, tokens: Limit) {
        self.apiCalls = apiCalls
        self.tokens = tokens
    }

    package static let none = ConsumptionLimits(apiCalls: .unlimited, tokens: .unlimited)
}

/// One of the things that are consumed.
package struct ConsumedMetric: Equatable, Sendable {
    package let meter: Meter
    package let current: Quantity
    package let limit: Limit

    /// Hundredths of a percent of the limit, halves rounded up: 8,000 is 80 %. 0 when unlimited; a limit of 0 is reached by anything.
    package var hundredthsOfPercent: Int128 {
        guard let limit = limit.quantity else { return 0 }
        guard limit > 0 else { return current > 0 ? 10_000 : 0 }
        return (Int128(current) * 20_000 + Int128(limit)) / (Int128(limit) * 2)
    }

    /// `hard` from 100 %, `soft` from 80 %, nil below: by the numbers themselves, not by the rounded percentage.
    package var alert: ConsumptionAlert? {
        guard let limit = limit.quantity, current > 0 else { return nil }
        let (parts, whole) = (Int128(current) * 100, Int128(limit))
        if parts >= whole * 100 { return ConsumptionAlert(level: .hard, metric: self, limit: limit, percent: 100) }
        guard parts >= whole * 80 else { return nil }
        return ConsumptionAlert(level: .soft, metric: self, limit: limit, percent: Int(parts / whole))
    }
}

/// A limit of the month is near, or reached.
package struct ConsumptionAlert: Equatable, Sendable {
    package enum Level: String, CaseIterable, Sendable { case soft, hard }

    package let level: Level
    package let meter: Meter
    package let current: Quantity
    package let limit: Quantity
    package let message: String

    /// `percent`: whole ones, as many as are reached.
    fileprivate init(level: Level, metric: ConsumedMetric, limit: Quantity, percent: Int) {
        (self.level, self.limit) = (level, limit)
        (meter, current) = (metric.meter, metric.current)
        let name = meter == .apiCalls ? "API calls" : meter.rawValue
        message = level == .hard ? "The month's \(name) are used up." : "\(percent)% of the month's \(name) are used."
    }
}
