internal import Metering

/// Reads times as logs write them.
enum ImportTime {
    static let expectation = "2023-11-16 18:15:46.68 (UTC), RFC 3339, RFC 2822, or a count since 1970"

    /// The time of `2023-11-16 18:15:46.6805900`, with a space or a `T`, with or without seconds, in UTC when it names no zone, else with a zone such as
    /// `Z`, ` UTC`, `+02`, `+0200` or `+02:00`; of `Thu, 16 Nov 2023 18:15:46 +0100` (RFC 2822); of seconds since 1970, with or without a fraction, and of
    /// milliseconds, microseconds or nanoseconds by the count of their digits. Digits after the milliseconds are cut off. Nil for any other text.
    static func parse(_ text: String) -> Timestamp? {
        let joined = joined(text)
        return Timestamp(rfc3339: joined) ?? Timestamp(rfc3339: joined + "Z") ?? loose(joined) ?? mail(text) ?? unixTime(text)
    }

    /// The text with a `T` between day and time where a space stands.
    private static func joined(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.count > 10, bytes[10] == UInt8(ascii: " ") else { return text }
        return String(decoding: bytes[..<10], as: UTF8.self) + "T" + String(decoding: bytes[11...], as: UTF8.self)
    }

    /// A time of day without seconds, or with another way to write the zone.
    private static func loose(_ text: String) -> Timestamp? {
        guard let mark = text.firstIndex(of: "T") else { return nil }
        var (time, zone) = (String(text[text.index(after: mark)...]), "Z")
        if time.hasSuffix(" UTC") {
            time.removeLast(4)
        } else if let sign = time.firstIndex(where: { $0 == "+" || $0 == "-" }) {
            guard let written = Self.zone(String(time[sign...])) else { return nil }
            (zone, time) = (written, String(time[..<sign]))
            if time.hasSuffix(" ") { time.removeLast() }
        } else if time.hasSuffix("Z") {
            time.removeLast()
        }
        if time.utf8.count == 5 { time += ":00" }
        return Timestamp(rfc3339: "\(text[..<mark])T\(time)\(zone)")
    }

    /// `+02`, `+0200` and `+02:00` as RFC 3339 has them.
    private static func zone(_ text: String) -> String? {
        let digits = text.dropFirst().filter { $0 != ":" }
        guard digits.utf8.count == 2 || digits.utf8.count == 4, let sign = text.first else { return nil }
        return "\(sign)\(digits.prefix(2)):\(digits.utf8.count == 4 ? digits.suffix(2) : "00")"
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `[Thu, ]16 Nov 2023 18:15[:46] +0100`, or `GMT` for the zone (RFC 2822, 3.3).
    private static func mail(_ text: String) -> Timestamp? {
        let words = text.split(separator: " ").map(String.init)
        let parts = words.first?.hasSuffix(",") == true ? Array(words.dropFirst()) : words
        guard parts.count == 5, let day = Setting<Int64>.digits(parts[0], in: 1...31), let month = months.firstIndex(of: parts[1]),
            parts[2].utf8.count == 4, let zone = ["GMT", "UTC", "UT"].contains(parts[4]) ? "Z" : zone(parts[4])
        else { return nil }
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let time = parts[3].utf8.count == 5 ? parts[3] + ":00" : parts[3]
        return Timestamp(rfc3339: "\(parts[2])-\(two(Int64(month) + 1))-\(two(day))T\(time)\(zone)")
    }

    /// Whole counts of 13, 16 and 19 digits are milliseconds, microseconds and nanoseconds, from 2001 on.
    private static func unixTime(_ text: String) -> Timestamp? {
        guard let units = [13: 1, 16: 1_000, 19: 1_000_000][text.utf8.count] as Int64? else { return unixSeconds(text) }
        return Setting<Int64>.digits(text, in: 0 ... .max).map { Timestamp(milliseconds: $0 / units) } ?? unixSeconds(text)
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
