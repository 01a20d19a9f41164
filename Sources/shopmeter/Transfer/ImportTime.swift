internal import Metering

/// Times as logs write them.
enum ImportTime {
    static let expectation = "2023-11-16 18:15:46.68 (UTC), RFC 3339, or Unix seconds"

    /// `2023-11-16 18:15:46.6805900` or with a `T`, UTC where it names no zone; or seconds since 1970, with or without a fraction.
    static func parse(_ text: String) -> Timestamp? {
        let joined = joined(text)
        return Timestamp(rfc3339: joined) ?? Timestamp(rfc3339: joined + "Z") ?? unixSeconds(text)
    }

    /// With a `T` where a space stands between the day and the time.
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
