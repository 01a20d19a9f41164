/// How many one transaction takes: half as many after one that took too long, and a quarter more after each that did not.
package struct GroupSize: Equatable, Sendable {
    package let maximum: Int
    package private(set) var current: Int

    /// `maximum`: at least 1.
    package init(maximum: Int) {
        self.maximum = maximum
        current = maximum
    }

    package mutating func shrink() { current = max(1, current / 2) }

    package mutating func grow() { current = min(maximum, current + max(1, current / 4)) }
}
