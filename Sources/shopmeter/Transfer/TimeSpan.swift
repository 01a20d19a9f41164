internal import Metering

/// The times of a log, and where they go: apart by a factor, then moved as one.
struct TimeSpan: Equatable, Sendable {
    /// Of the first row: what the others' distances are counted from.
    let origin: Timestamp
    private(set) var earliest: Timestamp
    private(set) var latest: Timestamp

    init(_ time: Timestamp) { (origin, earliest, latest) = (time, time, time) }

    func including(_ time: Timestamp) -> TimeSpan {
        var span = self
        span.earliest = min(earliest, time)
        span.latest = max(latest, time)
        return span
    }
}

/// The rule by which an import moves times.
struct TimeRule: Equatable, Sendable {
    private let origin: Timestamp
    private let stretch: Int64
    private let shift: Int64
    /// Of all that it moves.
    let earliest: Timestamp

    /// `lastAt`: where the latest time falls; nil when it stays where the stretching puts it. Nil when a time would leave the years 1970 to 9999.
    init?(_ span: TimeSpan, stretch: Int64, lastAt: Timestamp?) {
        guard let latest = Self.stretched(span.latest, span.origin, stretch),
            let earliest = Self.stretched(span.earliest, span.origin, stretch)
        else { return nil }
        (origin, self.stretch, shift) = (span.origin, stretch, lastAt.map { $0.since(latest) } ?? 0)
        self.earliest = earliest.adding(milliseconds: shift)
        guard self.earliest.milliseconds >= 0, latest.milliseconds + shift <= Self.end else { return nil }
    }

    /// A time of the span.
    func callAsFunction(_ time: Timestamp) -> Timestamp {
        origin.adding(milliseconds: time.since(origin) * stretch + shift)
    }

    private static let end: Int64 = 253_402_300_799_999

    private static func stretched(_ time: Timestamp, _ origin: Timestamp, _ stretch: Int64) -> Timestamp? {
        let (distance, overflow) = time.since(origin).multipliedReportingOverflow(by: stretch)
        guard !overflow, distance.magnitude <= 2 * end.magnitude else { return nil }
        return origin.adding(milliseconds: distance)
    }
}
