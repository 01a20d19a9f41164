internal import Metering

/// Reads times as logs write them.
enum ImportTime {
    static let expectation = "2023-11-16 18:15:46.68 (UTC), RFC 3339, or Unix seconds"

    /// The time of `2023-11-16 18:15:46.6805900`, with a space or a `T`, in UTC when it names no zone; or of seconds since 1970, with or without a
    /// fraction. Digits after the milliseconds are cut off. Nil for any other text.
    static func parse(_ text: String) -> Timestamp? {
        let joined = joined(text)
        return Timestamp(rfc3339: joined) ?? Timestamp(rfc3339: joined + "Z") ?? unixSeconds(text)
    }

    /// The text with a `T` between day and time where a space stands.
    private static func joined(_ text: String) -> String {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        return parts.count == 2 && parts[0].utf8.count == 10 ? parts.joined(separator: "T") : text
    }

    private static func unixSeconds(_ text: String) -> Timestamp? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let seconds = Setting<Int64>.digits(String(parts[0]), in: 0...253_402_300_799) else { return nil }
        guard parts.count == 2 else { return Timestamp(milliseconds: seconds * 1_000) }
        guard (1...9).contains(parts[1].count), let fraction = Setting<Int64>.digits(String((parts[1] + "00").prefix(3)), in: 0...999),
            Setting<Int64>.digits(String(parts[1]), in: 0...999_999_999) != nil
        else { return nil }
        return Timestamp(milliseconds: seconds * 1_000 + fraction)
    }
}

/// The times of a log: the first row's, the earliest and the latest.
struct TimeSpan: Equatable, Sendable {
    /// The first row's time, from which the distances of the others are counted.
    let origin: Timestamp
    private(set) var earliest: Timestamp
    private(set) var latest: Timestamp

    init(_ time: Timestamp) { (origin, earliest, latest) = (time, time, time) }

    /// The span with one more time.
    func including(_ time: Timestamp) -> TimeSpan {
        var span = self
        span.earliest = min(earliest, time)
        span.latest = max(latest, time)
        return span
    }
}

/// The rule by which an import moves times: it multiplies their distances from the first row's time by a factor, then shifts all of them.
struct TimeRule: Equatable, Sendable {
    private let origin: Timestamp
    private let stretch: Int64
    /// Milliseconds.
    private let shift: Int64
    /// The earliest time after the move.
    let earliest: Timestamp

    /// Nil when a time would fall outside of the years 1970 to 9999.
    /// - Parameter lastAt: the instant to which the latest time is shifted; nil shifts nothing.
    init?(_ span: TimeSpan, stretch: Int64, lastAt: Timestamp?) {
        guard let latest = Self.stretched(span.latest, span.origin, stretch),
            let earliest = Self.stretched(span.earliest, span.origin, stretch)
        else { return nil }
        (origin, self.stretch, shift) = (span.origin, stretch, lastAt.map { $0.since(latest) } ?? 0)
        self.earliest = earliest.adding(milliseconds: shift)
        guard self.earliest.milliseconds >= 0, latest.milliseconds + shift <= Self.end else { return nil }
    }

    /// Where a time of the span is moved to.
    func callAsFunction(_ time: Timestamp) -> Timestamp {
        origin.adding(milliseconds: time.since(origin) * stretch + shift)
    }

    /// The last millisecond of the year 9999.
    private static let end: Int64 = 253_402_300_799_999

    private static func stretched(_ time: Timestamp, _ origin: Timestamp, _ stretch: Int64) -> Timestamp? {
        let (distance, overflow) = time.since(origin).multipliedReportingOverflow(by: stretch)
        guard !overflow, distance.magnitude <= 2 * end.magnitude else { return nil }
        return origin.adding(milliseconds: distance)
    }
}
