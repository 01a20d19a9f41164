/// Deadlines in buckets of 16 ms, so that adding one costs O(1) and no timer. A deadline fires up to one bucket late, never early.
///
/// Each connection has at most one valid entry: the connection knows its tick, and the reactor ignores all other entries. A deadline that
/// moves to a later time leaves its entry in place; when the entry fires, the reactor compares the deadline and inserts a new entry.
struct DeadlineWheel {
    struct Entry {
        let token: Token
        let tick: UInt64
    }

    /// The deadline and the tick that never come.
    static let never = UInt64.max
    /// In nanoseconds.
    private static let tickLength: UInt64 = 16_000_000
    /// Buckets; one turn of the wheel is 65 seconds.
    private static let size = 4096

    private var buckets = [[Entry]](repeating: [], count: size)
    /// Every entry before this tick has fired.
    private var current: UInt64
    /// There is no entry before this tick.
    private var earliest = never

    init(now: UInt64) {
        current = now / Self.tickLength
    }

    /// The tick at which `deadline`, in nanoseconds, fires; for one beyond the wheel's turn, the turn's last tick.
    func tick(of deadline: UInt64) -> UInt64 {
        deadline == Self.never ? Self.never : min(max(deadline / Self.tickLength + 1, current), current + UInt64(Self.size) - 1)
    }

    mutating func insert(_ token: Token, tick: UInt64) {
        buckets[Int(tick % UInt64(Self.size))].append(Entry(token: token, tick: tick))
        earliest = min(earliest, tick)
    }

    /// Milliseconds from `now` to the next entry; -1 when there is none.
    func millisecondsToNext(now: UInt64) -> Int32 {
        if earliest == Self.never { return -1 }
        let time = earliest * Self.tickLength
        return time <= now ? 0 : Int32((time - now) / 1_000_000 + 1)
    }

    /// Removes and returns the entries that fire by `now`, in nanoseconds.
    mutating func advance(to now: UInt64) -> [Entry] {
        let last = now / Self.tickLength
        guard earliest <= last else {
            current = max(current, last)
            return []
        }
        var fired: [Entry] = []
        // One turn of the wheel passes every bucket, however long ago the last call was.
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
