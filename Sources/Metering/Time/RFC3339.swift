/// Times as text: read with any offset, written in UTC with milliseconds.
extension Timestamp {
    /// Reads RFC 3339, section 5.6: `2026-11-20T23:10:00.000Z`, `2026-11-20t23:10:00+05:30`. Of a second's fraction, digits after the third
    /// are cut off. A leap second, `23:59:60` at the end of a month (UTC), is the last millisecond before it, as a `Timestamp` has no room for it. Nil
    /// for another form, for a day or time that does not exist, and for years outside of 1970 to 9999 (UTC).
    package init?(rfc3339 text: String) {
        var reader = DigitReader(text)
        guard let day = reader.day(), reader.skip("T"), let time = reader.time(), let offset = reader.offset(), reader.isAtEnd
        else { return nil }
        self.init(milliseconds: day.start.milliseconds + time.milliseconds - offset * 60_000)
        guard (1970...9999).contains(self.day.year), !time.isLeapSecond || isEndOfMonth else { return nil }
    }

    /// Whether it is the last millisecond of a month.
    private var isEndOfMonth: Bool {
        let next = Timestamp(milliseconds: milliseconds + 1)
        return next.timeOfDay == 0 && next.day.day == 1
    }

    /// `2026-11-20T23:10:00.000Z`
    package var rfc3339: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(24)
        writeRFC3339(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends `2026-11-20T23:10:00.000Z`.
    package func writeRFC3339(into bytes: inout [UInt8]) {
        let time = timeOfDay
        bytes.write(day)
        bytes.write("T", time / 3_600_000, 2)
        bytes.write(":", time / 60_000 % 60, 2)
        bytes.write(":", time / 1_000 % 60, 2)
        bytes.write(".", time % 1_000, 3)
        bytes.append(UInt8(ascii: "Z"))
    }
}

extension CivilDay {
    /// `2026-11-20`
    package var iso: String {
        var bytes: [UInt8] = []
        bytes.write(self)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads `2026-11-20`; nil for another form, or a day that does not exist.
    package init?(iso text: String) {
        var reader = DigitReader(text)
        guard let day = reader.day(), reader.isAtEnd else { return nil }
        self = day
    }
}

/// Writing the parts of a time as ASCII.
extension [UInt8] {
    fileprivate mutating func write(_ day: CivilDay) {
        write(Int64(day.year), 4)
        write("-", Int64(day.month), 2)
        write("-", Int64(day.day), 2)
    }

    fileprivate mutating func write(_ separator: Unicode.Scalar, _ number: Int64, _ width: Int) {
        append(UInt8(ascii: separator))
        write(number, width)
    }

    /// The decimal digits of `number` without its sign, with zeros before them up to `width`.
    private mutating func write(_ number: Int64, _ width: Int) {
        let start = count
        var rest = number.magnitude
        while count - start < width || rest > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        }
        self[start...].reverse()
    }
}

/// Reads the parts of a time from the front of a text. Each part is nil where the text has another form, which ends the reading.
private struct DigitReader {
    private var bytes: String.UTF8View.Iterator
    private var next: UInt8?

    init(_ text: String) {
        bytes = text.utf8.makeIterator()
        next = bytes.next()
    }

    var isAtEnd: Bool { next == nil }

    /// Whether the next character is `character`, in lower or upper case; then it is behind the reader.
    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard let byte = next, byte == UInt8(ascii: character) || byte == UInt8(ascii: character) | 0x20 else { return false }
        next = bytes.next()
        return true
    }

    /// The number that the next `count` digits write.
    mutating func number(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
            next = bytes.next()
        }
        return value
    }

    mutating func day() -> CivilDay? {
        guard let year = number(4), skip("-"), let month = number(2), skip("-"), let day = number(2) else { return nil }
        return CivilDay(year: year, month: month, day: day)
    }

    /// Milliseconds since midnight; of second 60 the last one of second 59.
    mutating func time() -> (milliseconds: Int64, isLeapSecond: Bool)? {
        guard let hour = number(2), skip(":"), let minute = number(2), skip(":"), let second = number(2),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        guard let fraction = fraction() else { return nil }
        let minutes = Int64(hour * 60 + minute) * 60_000
        return second == 60 ? (minutes + 59_999, true) : (minutes + Int64(second) * 1_000 + fraction, false)
    }

    /// Milliseconds of a second's fraction, 0 where there is none.
    private mutating func fraction() -> Int64? {
        guard skip(".") else { return 0 }
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
        if skip("Z") { return 0 }
        let sign: Int64
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hour = number(2), skip(":"), let minute = number(2), hour < 24, minute < 60 else { return nil }
        return sign * Int64(hour * 60 + minute)
    }
}
