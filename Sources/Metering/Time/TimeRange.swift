/// `[from, to)`, open where a bound is nil.
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

    /// Whether the period has a part of the range.
    package func overlaps(_ period: Period) -> Bool {
        from.map { $0 < period.end } ?? true && to.map { period.start < $0 } ?? true
    }
}
