/// A billing period, `[start, end)`: an instant at `end` belongs to the next one.
package struct Period: Hashable, Sendable {
    package let start: Timestamp
    package let end: Timestamp

    package init(start: Timestamp, end: Timestamp) {
        self.start = start
        self.end = end
    }

    package func contains(_ time: Timestamp) -> Bool { start <= time && time < end }

    /// A period is due at its end instant.
    package func isDue(at now: Timestamp) -> Bool { now >= end }

    /// The period's length in days, to the nearest, at least 1.
    package var days: Int {
        let day = Timestamp.millisecondsPerDay
        return max(1, Int((end.since(start) + day / 2) / day))
    }

    /// Whole days from `now` to the end, never below 0.
    package func daysRemaining(at now: Timestamp) -> Int { max(0, Int(end.since(now) / Timestamp.millisecondsPerDay)) }

    /// The calendar month (UTC) around `time`.
    package static func calendarMonth(of time: Timestamp) -> Period {
        let first = time.day.firstOfMonth
        return Period(start: first.start, end: first.adding(months: 1).start)
    }
}

/// How long a period is.
package enum BillingCycle: Hashable, Sendable {
    case monthly
    case yearly
    case days(Int)

    /// The most days of a cycle; the daily array of an account holds as many.
    package static let maximumDays = 366

    /// `monthly`, `yearly` or `days:N` with N from 1 to 366.
    package init?(_ text: String) {
        switch text {
        case "monthly": self = .monthly
        case "yearly": self = .yearly
        default:
            guard text.hasPrefix("days:"), let days = Int(text.dropFirst(5)), (1...Self.maximumDays).contains(days), text == "days:\(days)"
            else { return nil }
            self = .days(days)
        }
    }

    package var text: String {
        switch self {
        case .monthly: "monthly"
        case .yearly: "yearly"
        case .days(let count): "days:\(count)"
        }
    }

    /// The period that begins at `start`. Months and years are counted from the anchor, so that a day that a short month clamps comes
    /// back: an anchor of 31 January gives 28 February, then 31 March. `start` is the anchor or the end of a period of this cycle; another
    /// start gets the period up to the cycle's next boundary.
    package func period(from start: Timestamp, anchor: Timestamp) -> Period {
        switch self {
        case .monthly: Period(start: start, end: Self.boundary(after: start, anchor: anchor, months: 1))
        case .yearly: Period(start: start, end: Self.boundary(after: start, anchor: anchor, months: 12))
        case .days(let count): Period(start: start, end: start.adding(days: count))
        }
    }

    /// The first `anchor` plus a multiple of `months` that is after `start`.
    private static func boundary(after start: Timestamp, anchor: Timestamp, months: Int) -> Timestamp {
        let elapsed = (start.day.year - anchor.day.year) * 12 + start.day.month - anchor.day.month
        var multiple = elapsed.flooredQuotient(by: months)
        while boundary(anchor, plus: multiple * months) <= start { multiple += 1 }
        return boundary(anchor, plus: multiple * months)
    }

    private static func boundary(_ anchor: Timestamp, plus months: Int) -> Timestamp {
        anchor.day.adding(months: months).start.adding(milliseconds: anchor.timeOfDay)
    }
}
