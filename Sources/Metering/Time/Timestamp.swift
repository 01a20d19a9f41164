/// An instant: milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
package struct Timestamp: Hashable, Comparable, Sendable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static let millisecondsPerDay: Int64 = 86_400_000

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    package func adding(milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: self.milliseconds + milliseconds) }

    package func adding(days: Int) -> Timestamp { adding(milliseconds: Int64(days) * Self.millisecondsPerDay) }

    /// Milliseconds from `earlier` to this instant.
    package func since(_ earlier: Timestamp) -> Int64 { milliseconds - earlier.milliseconds }

    /// The UTC day of this instant.
    package var day: CivilDay {
        CivilDay(number: Int(milliseconds.flooredQuotient(by: Self.millisecondsPerDay)))
    }

    /// Milliseconds since the UTC day began, 0 to 86,399,999.
    package var timeOfDay: Int64 { milliseconds - milliseconds.flooredQuotient(by: Self.millisecondsPerDay) * Self.millisecondsPerDay }
}

/// Where the present comes from. Rules are told the time; only what calls them asks a clock.
package protocol WallClock: Sendable {
    func now() -> Timestamp
}

/// A clock that stands at one instant: for work that is done as of another time than now.
package struct StandingClock: WallClock {
    private let time: Timestamp

    package init(time: Timestamp) { self.time = time }

    package func now() -> Timestamp { time }
}
