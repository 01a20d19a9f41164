/// Deadlines in buckets of 16 ms, so that one more costs O(1) and no timer. A deadline fires late by up to a bucket, never early.
///
/// There is at most one entry per connection that counts: its owner knows the tick, and ignores others. A deadline that moves to later
/// leaves its entry where it is; the owner looks when it fires, and schedules anew.
struct DeadlineWheel {
    struct Entry {
        let token: Token
        let tick: UInt64
    }

    static let never = UInt64.max
    private static let tickLength: UInt64 = 16_000_000
    private static let size = 4096

    private var buckets = [[Entry]](repeating: [], count: size)
    /// Everything before this tick has fired.
    private var current: UInt64
    /// There is no entry before this tick.
    private var earliest = never

    init(now: UInt64) {
        current = now / Self.tickLength
    }

    /// The tick at which `deadline`, in nanoseconds, fires, or the last one of the wheel's turn.
    func tick(of deadline: UInt64) -> UInt64 {
        deadline == Self.never ? Self.never : min(max(deadline / Self.tickLength + 1, current), current + UInt64(Self.size) - 1)
    }

    mutating func insert(_ token: Token, tick: UInt64) {
        buckets[Int(tick % UInt64(Self.size))].append(Entry(token: token, tick: tick))
        earliest = min(earliest, tick)
    }

    /// How long nothing fires; negative when nothing is scheduled.
    func millisecondsToNext(now: UInt64) -> Int32 {
        if earliest == Self.never { return -1 }
        let time = earliest * Self.tickLength
        return time <= now ? 0 : Int32((time - now) / 1_000_000 + 1)
    }

    /// Takes out what fires by now.
    mutating func advance(to now: UInt64) -> [Entry] {
        let last = now / Self.tickLength
        guard earliest <= last else {
            current = max(current, last)
            return []
        }
        var fired: [Entry] = []
        // After a long stop one turn of the wheel passes every bucket.
        for tick in max(current, earliest)...min(last, max(current, earliest) + UInt64(Self.size)) { takeBucket(tick, into: &fired) }
        current = last
        findEarliest()
        return fired
    }

    private mutating func takeBucket(_ tick: UInt64, into fired: inout [Entry]) {
        let index = Int(tick % UInt64(Self.size))
        if buckets[index].isEmpty { return }
        fired.append(contentsOf: buckets[index])
        buckets[index] = []
    }

    private mutating func findEarliest() {
        earliest = Self.never
        for offset in 0..<UInt64(Self.size) where !buckets[Int((current + offset) % UInt64(Self.size))].isEmpty {
            earliest = current + offset
            return
        }
    }
}
