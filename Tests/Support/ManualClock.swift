package import Metering
internal import Synchronization

/// A clock that stands until a test moves it.
package final class ManualClock: Clock {
    private let time: Mutex<Timestamp>

    /// `text`: RFC 3339.
    package init(_ text: String = "2026-11-10T12:00:00Z") {
        time = Mutex(Timestamp(rfc3339: text) ?? Timestamp(milliseconds: 0))
    }

    package func now() -> Timestamp { time.withLock { $0 } }

    package func move(to text: String) {
        guard let moved = Timestamp(rfc3339: text) else { return }
        time.withLock { $0 = moved }
    }

    package func advance(seconds: Int64) { time.withLock { $0 = $0.adding(milliseconds: seconds * 1_000) } }

    package func advance(days: Int) { time.withLock { $0 = $0.adding(days: days) } }
}
