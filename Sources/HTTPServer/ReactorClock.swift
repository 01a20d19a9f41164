internal import Glibc
internal import HTTP

/// The time, read once a turn of the reactor.
struct ReactorClock {
    /// Monotonic, in nanoseconds.
    private(set) var now: UInt64 = 0
    /// The `Date` field's value.
    private(set) var date = ""
    private var second = -1

    init() {
        read()
    }

    mutating func read() {
        var monotonic = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &monotonic)
        now = UInt64(monotonic.tv_sec) * 1_000_000_000 + UInt64(monotonic.tv_nsec)
        let wall = time(nil)
        if wall != second {
            second = wall
            date = HTTPDate.text(seconds: max(wall, 0))
        }
    }
}

extension Duration {
    /// Not below 0.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        return UInt64(max(seconds, 0)) * 1_000_000_000 + UInt64(max(attoseconds, 0) / 1_000_000_000)
    }
}
