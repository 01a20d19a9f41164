/// How often values of which size came: a histogram, as Prometheus means it.
package struct Distribution: Equatable, Sendable {
    /// The upper bounds of the buckets, ascending; a value above the last counts in `count` alone.
    package let bounds: [Double]
    /// How many values each bucket has, without those of smaller buckets.
    package private(set) var buckets: [Int]
    package private(set) var count = 0
    package private(set) var sum = 0.0

    package init(bounds: [Double]) {
        self.bounds = bounds
        buckets = Array(repeating: 0, count: bounds.count)
    }

    /// For durations in seconds: from one millisecond to ten seconds.
    package static let seconds = Distribution(bounds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10])

    /// For numbers of things: from one to a thousand.
    package static let counts = Distribution(bounds: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000])

    package mutating func add(_ value: Double) {
        count += 1
        sum += value
        if let bucket = bounds.firstIndex(where: { value <= $0 }) { buckets[bucket] += 1 }
    }

    package mutating func add(_ duration: Duration) { add(duration / .seconds(1)) }
}
