/// Times as text: read with any offset, written in UTC with milliseconds.
extension Timestamp {
    /// Reads RFC 3339, section 5.6: `2026-11-20T23:10:00.000Z`, `2026-11-20t23:10:00+05:30`. Of a second's fraction, digits after the third
    /// are cut off. Nil for another form, for a day or time that does not exist, and for years outside of 1970 to 9999 (UTC).
    package init?(rfc3339 text: String) {
        var reader = DigitReader(text)
        guard let day = reader.day(), reader.skip(oneOf: "Tt"), let time = reader.time(), let offset = reader.offset(), reader.isAtEnd
        else { return nil }
        self.init(milliseconds: day.start.milliseconds + time - offset * 60_000)
        guard (1970...9999).contains(self.day.year) else { return nil }
    }

    /// `2026-11-20T23:10:00.000Z`
    package var rfc3339: String {
        let (hour, minute, second, fraction) = (timeOfDay / 3_600_000, timeOfDay / 60_000 % 60, timeOfDay / 1_000 % 60, timeOfDay % 1_000)
        return "\(day.iso)T\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2)).\(padded(fraction, 3))Z"
    }
}

extension CivilDay {
    /// `2026-11-20`
    package var iso: String { "\(padded(Int64(year), 4))-\(padded(Int64(month), 2))-\(padded(Int64(day), 2))" }

    /// Reads `2026-11-20`; nil for another form, or a day that does not exist.
    package init?(iso text: String) {
        var reader = DigitReader(text)
        guard let day = reader.day(), reader.isAtEnd else { return nil }
        self = day
    }
}

/// The decimal digits of `number`, which is not below 0, with zeros before them up to `width`.
private func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// Reads the parts of a time from the front of a text. Each part is nil where the text has another form, which ends the reading.
private struct DigitReader {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(oneOf characters: StaticString) -> Bool {
        guard let byte = rest.first, "\(characters)".utf8.contains(byte) else { return false }
        rest.removeFirst()
        return true
    }

    /// The number that the next `count` digits write.
    mutating func number(_ count: Int) -> Int? {
        guard rest.count >= count else { return nil }
        var value = 0
        for byte in rest.prefix(count) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        rest.removeFirst(count)
        return value
    }

    mutating func day() -> CivilDay? {
        guard let year = number(4), skip(oneOf: "-"), let month = number(2), skip(oneOf: "-"), let day = number(2) else { return nil }
        return CivilDay(year: year, month: month, day: day)
    }

    /// Milliseconds since midnight. A leap second is refused, as a `Timestamp` has no room for it.
    mutating func time() -> Int64? {
        guard let hour = number(2), skip(oneOf: ":"), let minute = number(2), skip(oneOf: ":"), let second = number(2),
            hour < 24, minute < 60, second < 60
        else { return nil }
        guard let fraction = fraction() else { return nil }
        return Int64((hour * 60 + minute) * 60 + second) * 1_000 + fraction
    }

    /// Milliseconds of a second's fraction, 0 where there is none.
    private mutating func fraction() -> Int64? {
        guard skip(oneOf: ".") else { return 0 }
        var (value, count) = (0 as Int64, 0)
        while let digit = number(1) {
            if count < 3 { value = value * 10 + Int64(digit) }
            count += 1
        }
        for _ in count..<max(count, 3) { value *= 10 }
        return count > 0 ? value : nil
    }

    /// Minutes east of UTC, below 0 west of it.
    mutating func offset() -> Int64? {
        if skip(oneOf: "Zz") { return 0 }
        let sign: Int64
        if skip(oneOf: "+") { sign = 1 } else if skip(oneOf: "-") { sign = -1 } else { return nil }
        guard let hour = number(2), skip(oneOf: ":"), let minute = number(2), hour < 24, minute < 60 else { return nil }
        return sign * Int64(hour * 60 + minute)
    }
}
