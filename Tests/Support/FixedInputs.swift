package import Foundation
package import Metering
internal import Synchronization

/// A clock that stands until a test moves it.
package final class ManualClock: WallClock {
    private let time: Mutex<Timestamp>

    /// - Parameter text: the time at the beginning, RFC 3339.
    package init(_ text: String = "2026-11-10T12:00:00Z") {
        time = Mutex(Timestamp(rfc3339: text) ?? Timestamp(milliseconds: 0))
    }

    package func now() -> Timestamp { time.withLock { $0 } }

    /// Sets the clock to a time, RFC 3339, also back.
    package func move(to text: String) {
        guard let moved = Timestamp(rfc3339: text) else { return }
        time.withLock { $0 = moved }
    }

    package func advance(milliseconds: Int64) { time.withLock { $0 = $0.adding(milliseconds: milliseconds) } }

    package func advance(seconds: Int64) { time.withLock { $0 = $0.adding(milliseconds: seconds * 1_000) } }

    package func advance(days: Int) { time.withLock { $0 = $0.adding(days: days) } }
}

/// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators"): the same numbers from the same seed, so that a failure can be
/// repeated.
package struct SplitMix: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A file of the repository's folder `fixtures`.
package func fixtureFile(_ name: String) -> URL {
    repositoryFile("fixtures/\(name)")
}

/// A file of the repository, by its path from the root.
package func repositoryFile(_ path: String) -> URL {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return root.appendingPathComponent(path)
}
