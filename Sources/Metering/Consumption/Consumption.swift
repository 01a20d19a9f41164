/// Calls of an endpoint that a user made on a day (UTC).
package struct ConsumptionEntry: Equatable, Sendable {
    /// The most endpoints of a user on a day. A month's sum reads every count of the month, and a client that puts ids into its paths must not
    /// make that slow.
    package static let maximumEndpoints = 200

    package let user: UserID
    /// The shop's own words, such as `/v1/chat/completions`.
    package let endpoint: String
    package let day: CivilDay
    package let apiCalls: Quantity

    package init(user: UserID, endpoint: String, day: CivilDay, apiCalls: Quantity) {
        self.user = user
        self.endpoint = endpoint
        self.day = day
        self.apiCalls = apiCalls
    }
}

/// The API calls and tokens of a user in a calendar month (UTC), held against limits. The limits warn, and refuse nothing.
package struct Consumption: Equatable, Sendable {
    package let apiCalls: ConsumedMetric
    package let tokens: ConsumedMetric

    package init(apiCalls: Quantity, tokens: Quantity, limits: ConsumptionLimits) {
        self.apiCalls = ConsumedMetric(meter: .apiCalls, current: apiCalls, limit: limits.apiCalls)
        self.tokens = ConsumedMetric(meter: .tokens, current: tokens, limit: limits.tokens)
    }

    /// At most one alert a metric, that of API calls first.
    package var alerts: [ConsumptionAlert] { [apiCalls, tokens].compactMap(\.alert) }

    /// The graver level of the alerts; nil where there are none.
    package var level: ConsumptionAlert.Level? {
        let levels = alerts.map(\.level)
        return levels.contains(.hard) ? .hard : levels.first
    }
}

extension [DailyUsage] {
    /// The tokens of the days that are in the month, and `late` more or less: of events that counted on other days than those of their own.
    package func tokens(in month: CivilMonth, late: Int128 = 0) -> Quantity {
        let sum = reduce(late) { month.contains($1.day) ? $0 + Int128($1.totals.tokens) : $0 }
        return Quantity(Swift.min(Int128(Quantity.largest), Swift.max(0, sum)))
    }
}

extension ConsumptionEntry {
    /// The place of the entry among those of a shop.
    package struct Place: Hashable, Sendable {
        package let user: UserID
        package let day: CivilDay
        package let endpoint: String

        package init(user: UserID, day: CivilDay, endpoint: String) {
            self.user = user
            self.day = day
            self.endpoint = endpoint
        }
    }

    package var place: Place { Place(user: user, day: day, endpoint: endpoint) }
}

/// How much a month may consume before it alerts.
package struct ConsumptionLimits: Equatable, Sendable {
    package let apiCalls: Limit
    package let tokens: Limit

    package init(apiCalls: Limit, tokens: Limit) {
        self.apiCalls = apiCalls
        self.tokens = tokens
    }

    package static let none = ConsumptionLimits(apiCalls: .unlimited, tokens: .unlimited)

    /// The limits of a month on a plan: the plan's own; of a meter that it does not name those of its name, or of the name `free` where that has none.
    /// While enforcement is off, there are no limits.
    ///
    /// - Parameters:
    ///   - own: the limits of the meters that the plan names.
    ///   - byName: the operator's limits, by the names of plans.
    package init(of plan: PlanName, own: [Meter: Limit], byName: [PlanName: [Meter: Limit]], enforcement: Enforcement) {
        guard enforcement == .on else {
            self = .none
            return
        }
        func limit(of meter: Meter) -> Limit { own[meter] ?? (byName[plan] ?? byName[.free])?[meter] ?? .unlimited }
        self.init(apiCalls: limit(of: .apiCalls), tokens: limit(of: .tokens))
    }
}

/// The month's API calls or tokens, with their limit.
package struct ConsumedMetric: Equatable, Sendable {
    package let meter: Meter
    package let current: Quantity
    package let limit: Limit

    /// Hundredths of a percent of the limit, to the nearest, halves up: 8,000 is 80 %. 0 when unlimited; of a limit of 0, 10,000 (100 %) as
    /// soon as something was consumed.
    package var hundredthsOfPercent: Int128 {
        guard let limit = limit.quantity else { return 0 }
        guard limit > 0 else { return current > 0 ? 10_000 : 0 }
        return (Int128(current) * 10_000).roundedQuotient(by: Int128(limit))
    }

    /// `hard` from 100 % of the limit, `soft` from 80 %, nil below: by the exact share, not by the rounded percentage.
    package var alert: ConsumptionAlert? {
        guard let limit = limit.quantity, current > 0 else { return nil }
        let (parts, whole) = (Int128(current) * 100, Int128(limit))
        if parts >= whole * 100 { return ConsumptionAlert(level: .hard, metric: self, limit: limit, percent: 100) }
        guard parts >= whole * 80 else { return nil }
        return ConsumptionAlert(level: .soft, metric: self, limit: limit, percent: Int(parts / whole))
    }
}

/// A message that a month's limit is near (`soft`), or reached (`hard`).
package struct ConsumptionAlert: Equatable, Sendable {
    package enum Level: String, CaseIterable, Sendable { case soft, hard }

    package let level: Level
    package let meter: Meter
    package let current: Quantity
    package let limit: Quantity
    package let message: String

    /// `percent`: the whole percents of the limit that are reached.
    fileprivate init(level: Level, metric: ConsumedMetric, limit: Quantity, percent: Int) {
        (self.level, self.limit) = (level, limit)
        (meter, current) = (metric.meter, metric.current)
        let name = meter == .apiCalls ? "API calls" : meter.rawValue
        message = level == .hard ? "The month's \(name) are used up." : "\(percent)% of the month's \(name) are used."
    }
}
