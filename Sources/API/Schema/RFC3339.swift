/// Instants as text (RFC 3339, 5.6), as milliseconds since 1970-01-01T00:00:00Z.
///
/// The proleptic Gregorian calendar, years 0000 to 9999 in UTC. A leap second is refused: a count of milliseconds has no place for it.
package enum RFC3339 {
    private static let earliest: Int64 = -62_167_219_200_000
    private static let latest: Int64 = 253_402_300_799_999
    private static let millisecondsOfDay: Int64 = 86_400_000

    /// Nil when the text is not a time; digits after the third of a fraction are dropped.
    package static func milliseconds(_ text: String) -> Int64? {
        var scanner = DigitScanner(text)
        guard let days = scanner.days(), scanner.takes("T") || scanner.takes("t"),
            let time = scanner.time(), let offset = scanner.offset(), scanner.isAtEnd
        else { return nil }
        let milliseconds = days * millisecondsOfDay + time - offset
        return (earliest...latest).contains(milliseconds) ? milliseconds : nil
    }

    /// Whether the text is a day that the calendar has: `full-date`.
    package static func isDate(_ text: String) -> Bool {
        var scanner = DigitScanner(text)
        return scanner.days() != nil && scanner.isAtEnd
    }
}

/// Takes the parts of a time from the left.
private struct DigitScanner {
    private let bytes: [UInt8]
    private var place = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { place == bytes.count }

    mutating func takes(_ character: Unicode.Scalar) -> Bool {
        guard !isAtEnd, bytes[place] == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    /// Exactly `count` digits with a value in `range`.
    mutating func digits(_ count: Int, in range: ClosedRange<Int64>) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<count {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return range.contains(value) ? value : nil
    }

    private mutating func digit() -> Int64? {
        guard !isAtEnd, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[place]) else { return nil }
        defer { place += 1 }
        return Int64(bytes[place] - UInt8(ascii: "0"))
    }

    /// `full-date`, as days since 1970-01-01.
    mutating func days() -> Int64? {
        guard let year = digits(4, in: 0...9999), takes("-"), let month = digits(2, in: 1...12), takes("-"),
            let day = digits(2, in: 1...31), day <= Self.length(ofMonth: month, year: year)
        else { return nil }
        return Self.daysBefore(year: year, month: month) + day - 1
    }

    /// `partial-time`, as milliseconds of the day.
    mutating func time() -> Int64? {
        guard let hour = digits(2, in: 0...23), takes(":"), let minute = digits(2, in: 0...59), takes(":"),
            let second = digits(2, in: 0...59)
        else { return nil }
        let whole = ((hour * 60 + minute) * 60 + second) * 1000
        guard takes(".") else { return whole }
        return fraction().map { whole + $0 }
    }

    private mutating func fraction() -> Int64? {
        guard var milliseconds = digit().map({ $0 * 100 }) else { return nil }
        for scale: Int64 in [10, 1] { milliseconds += (digit() ?? 0) * scale }
        while digit() != nil {}
        return milliseconds
    }

    /// `time-offset`, as milliseconds.
    mutating func offset() -> Int64? {
        if takes("Z") || takes("z") { return 0 }
        let sign: Int64 = takes("+") ? 1 : takes("-") ? -1 : 0
        guard sign != 0, let hour = digits(2, in: 0...23), takes(":"), let minute = digits(2, in: 0...59) else { return nil }
        return sign * (hour * 60 + minute) * 60_000
    }

    private static func length(ofMonth month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01 to the month's first; years are counted from March, so that the leap day is the last.
    private static func daysBefore(year: Int64, month: Int64) -> Int64 {
        let shifted = month <= 2 ? year + 399 : year + 400
        let monthFromMarch = (month + 9) % 12
        let leapDays = shifted / 4 - shifted / 100 + shifted / 400
        return shifted * 365 + leapDays + (153 * monthFromMarch + 2) / 5 - 719_468 - 146_097
    }
}
