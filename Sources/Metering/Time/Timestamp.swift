/// An instant: milliseconds since 1970-01-01T00:00:00Z, without leap seconds, as Mongo keeps dates.
package struct Timestamp: Hashable, Comparable, Sendable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static let millisecondsPerDay: Int64 = 86_400_000

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    package func adding(milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: self.milliseconds + milliseconds) }

    package func adding(days: Int) -> Timestamp { adding(milliseconds: Int64(days) * Self.millisecondsPerDay) }

    /// Milliseconds from `earlier` to this instant.
    package func since(_ earlier: Timestamp) -> Int64 { milliseconds - earlier.milliseconds }

    /// The UTC day that this instant is in.
    package var day: CivilDay {
        CivilDay(number: Int(milliseconds.flooredQuotient(by: Self.millisecondsPerDay)))
    }

    /// Milliseconds since the day began, 0 to 86,399,999.
    package var timeOfDay: Int64 { milliseconds - day.start.milliseconds }
}

extension BinaryInteger {
    /// The quotient rounded towards minus infinity; `divisor` is above 0.
    func flooredQuotient(by divisor: Self) -> Self {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
