/// The account of a user: every balance that an event can change, the days of the period, and the periods before it. It is read and
/// stored as a whole.
package struct Account: Equatable, Sendable {
    package let user: UserID
    /// The number of the last entry of the account's log: an event, or a step such as a purchase or a period's end. 0 for an account that was
    /// never stored.
    package var version: Int64
    /// The version at which the account's document stands: up to `version`, events follow it.
    package var checkpoint: Int64
    /// The time of the log's last entry; nil: it is from before all entries had one.
    package var loggedAt: Timestamp?
    package var plan: PlanName
    /// Nil: the user is on the free plan.
    package var subscription: SubscriptionID?
    package var period: Period
    /// 1 for the account's first period, one more for each that was closed: the period's name in the log.
    package var periodNumber: Int64
    /// One balance a meter, `tokens` first.
    package var meters: [MeterBalance]
    /// The days of the period on which tokens were used, in order.
    package var daily: [DailyUsage]
    /// The closed periods, the oldest first: at most `maximumSummaries`.
    package var summaries: [PeriodSummary]
    package var lifetime: Totals
    /// Periods that were closed since the account was read: stored in the log with it.
    package internal(set) var closed: [ClosedPeriod] = []

    /// The most closed periods that an account keeps; older ones are in the log alone.
    package static let maximumSummaries = 60
    /// A client's new name of a meter is refused from this many meters on.
    package static let maximumMeters = 100
    /// The most meters that an account has. Only plans take it above `maximumMeters`.
    package static let meterBound = 200

    package init(
        user: UserID, version: Int64 = 0, checkpoint: Int64? = nil, loggedAt: Timestamp? = nil, plan: PlanName,
        subscription: SubscriptionID? = nil, period: Period,
        periodNumber: Int64 = 1,
        meters: [MeterBalance], daily: [DailyUsage] = [], summaries: [PeriodSummary] = [], lifetime: Totals = Totals()
    ) {
        self.user = user
        self.version = version
        self.checkpoint = checkpoint ?? version
        self.loggedAt = loggedAt
        self.plan = plan
        self.subscription = subscription
        self.period = period
        self.periodNumber = periodNumber
        self.meters = meters
        self.daily = daily
        self.summaries = summaries
        self.lifetime = lifetime
    }

    /// The account of a user who has none yet: on the free plan, with calendar months (UTC) as periods.
    ///
    /// - Parameter past: the first of the events of the past for which the account is opened. Its first period begins with the day of that
    ///   event, but at most `BillingCycle.maximumDays` before the month's end, as the daily array reaches no further.
    package static func opened(for user: UserID, free: Plan, at now: Timestamp, covering past: Timestamp? = nil) -> Account {
        let month = Period.calendarMonth(of: now)
        let earliest = month.end.adding(days: -BillingCycle.maximumDays)
        let start = past.map { max(earliest, min(month.start, $0.day.start)) } ?? month.start
        var account = Account(user: user, plan: free.name, period: Period(start: start, end: month.end), meters: [])
        account.adopt(free, subscription: nil)
        return account
    }

    /// The time of the log's next entry: by the clock, but never before that of the last one, as clocks of several instances differ and are set.
    package func nextEntryTime(at now: Timestamp) -> Timestamp { max(now, loggedAt ?? now) }

    /// The account as it reads after its document was stored at that version.
    package func stored(at version: Int64) -> Account {
        var stored = self
        (stored.version, stored.checkpoint) = (version, version)
        stored.closed = []
        return stored
    }

    /// The meter's balance; a meter that the account does not have has a limit of 0 and nothing used.
    package func balance(of meter: Meter) -> MeterBalance {
        meters.first { $0.meter == meter } ?? MeterBalance(meter: meter, limit: .of(0))
    }

    package var tokens: MeterBalance { balance(of: .tokens) }

    /// The sums over the days of the period.
    package var periodTotals: Totals { daily.reduce(into: Totals()) { $0.add($1.totals) } }
}

/// The use of the meter `tokens` on one day (UTC).
package struct DailyUsage: Equatable, Sendable {
    package let day: CivilDay
    package var totals: Totals

    package init(day: CivilDay, totals: Totals = Totals()) {
        self.day = day
        self.totals = totals
    }
}

/// Sums over events of the meter `tokens`; an event is a query. They may pass `Quantity.largest`, so that no event is refused for those before
/// it and a void finds what it takes back; they stop at `Totals.largest`, and are shown up to `Quantity.largest`.
package struct Totals: Equatable, Sendable {
    package var tokens: Quantity
    package var queries: Quantity
    /// Tokens of the largest query.
    package var peak: Quantity

    package init(tokens: Quantity = 0, queries: Quantity = 0, peak: Quantity = 0) {
        self.tokens = tokens
        self.queries = queries
        self.peak = peak
    }

    /// As many as 512 of the largest events.
    package static let largest: Quantity = 1 << 62

    /// The tokens as they are shown.
    package var shownTokens: Quantity { min(.largest, tokens) }

    package mutating func add(_ other: Totals) {
        tokens = min(Self.largest, tokens + other.tokens)
        queries = queries.bounded(adding: other.queries)
        peak = max(peak, other.peak)
    }

    /// Tokens per query, 0 without queries.
    package var average: Double { queries == 0 ? 0 : Double(tokens) / Double(queries) }
}
