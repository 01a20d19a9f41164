/// How long a subscription's periods are.
package enum BillingCycle: Hashable, Sendable {
    case monthly
    case yearly
    case days(Int)

    /// The most days of a cycle, as many as a leap year has; the daily array of an account holds as many.
    package static let maximumDays = 366

    /// Reads `monthly`, `yearly` or `days:N` with N from 1 to 366; nil for another text.
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
    /// start gets the time up to the cycle's next boundary.
    package func period(from start: Timestamp, anchor: Timestamp) -> Period {
        switch self {
        case .monthly: Period(start: start, end: Self.boundary(after: start, anchor: anchor, months: 1))
        case .yearly: Period(start: start, end: Self.boundary(after: start, anchor: anchor, months: 12))
        case .days(let count): Period(start: start, end: start.adding(days: count))
        }
    }

    /// The period of this cycle, months or years counted from the anchor, that has the instant in it.
    func span(around time: Timestamp, anchor: Timestamp) -> Period {
        let months = self == .yearly ? 12 : 1
        let end = Self.boundary(after: time, anchor: anchor, months: months)
        var multiple = ((end.day.year - anchor.day.year) * 12 + end.day.month - anchor.day.month) / months - 1
        while Self.boundary(anchor, plus: multiple * months) > time { multiple -= 1 }
        while Self.boundary(anchor, plus: (multiple + 1) * months) <= time { multiple += 1 }
        return Period(start: Self.boundary(anchor, plus: multiple * months), end: end)
    }

    /// The first of the instants `anchor` + n × `months` that is after `start`.
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
