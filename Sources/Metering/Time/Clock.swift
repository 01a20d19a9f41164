/// Where the time comes from: rules are told it, and only what runs them asks.
package protocol Clock: Sendable {
    func now() -> Timestamp
}

/// A clock that stands at one instant, for work that is done as of another time than now.
package struct StandingClock: Clock {
    package let time: Timestamp

    package init(time: Timestamp) { self.time = time }

    package func now() -> Timestamp { time }
}
