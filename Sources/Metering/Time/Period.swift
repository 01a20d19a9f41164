/// A billing period, `[start, end)`: an instant at `end` belongs to the next period.
package struct Period: Hashable, Sendable {
    package let start: Timestamp
    package let end: Timestamp

    package init(start: Timestamp, end: Timestamp) {
        self.start = start
        self.end = end
    }

    package func contains(_ time: Timestamp) -> Bool { start <= time && time < end }

    /// Whether the period is over: it is due at its end instant.
    package func isDue(at now: Timestamp) -> Bool { now >= end }

    /// Milliseconds from the start to the end.
    package var length: Int64 { end.since(start) }

    /// The length in days, to the nearest, at least 1.
    package var days: Int { max(1, Int(length.roundedQuotient(by: Timestamp.millisecondsPerDay))) }

    /// Whole days from `now` to the end, never below 0.
    package func daysRemaining(at now: Timestamp) -> Int { max(0, Int(end.since(now) / Timestamp.millisecondsPerDay)) }

    /// The part of the period from `time` to its end: all of it before its start, and nothing after its end.
    package func rest(from time: Timestamp) -> Period { Period(start: min(max(time, start), end), end: end) }

    /// The calendar month (UTC) around `time`.
    package static func calendarMonth(of time: Timestamp) -> Period {
        let first = time.day.firstOfMonth
        return Period(start: first.start, end: first.adding(months: 1).start)
    }
}

/// A span of time that is asked for: `[from, to)`, without a bound where one is nil.
package struct TimeRange: Equatable, Sendable {
    package let from: Timestamp?
    package let to: Timestamp?

    package init(from: Timestamp? = nil, to: Timestamp? = nil) {
        self.from = from
        self.to = to
    }

    package func contains(_ time: Timestamp) -> Bool {
        from.map { $0 <= time } ?? true && to.map { time < $0 } ?? true
    }

    /// Whether the range and the period have an instant in common.
    package func overlaps(_ period: Period) -> Bool {
        from.map { $0 < period.end } ?? true && to.map { period.start < $0 } ?? true
    }
}
