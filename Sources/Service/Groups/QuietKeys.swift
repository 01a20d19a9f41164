/// Keys in the order in which they were touched last, so that those can be taken out that have been quiet for a time. Bounded: of more keys than there is
/// room for, the new ones are left out.
struct QuietKeys<Key: Hashable> {
    typealias Instant = ContinuousClock.Instant

    private let room: Int
    private var touched: [Key: Instant] = [:]
    /// Each key once, with a time at which it was touched: the last, or an earlier one.
    private var line: [(key: Key, time: Instant)] = []
    private var head = 0

    init(room: Int) { self.room = room }

    var count: Int { touched.count }

    /// When the first key may have been quiet for `duration`.
    func next(after duration: Duration) -> Instant? { line.indices.contains(head) ? line[head].time + duration : nil }

    mutating func touch(_ key: Key, at now: Instant) {
        if touched[key] == nil {
            guard touched.count < room else { return }
            line.append((key, now))
        }
        touched[key] = now
    }

    /// At most `limit` keys that were not touched after the time, which are out then. A key that was touched again may come out a little later than it could.
    mutating func take(quietSince time: Instant, limit: Int) -> [Key] {
        var taken: [Key] = []
        while taken.count < limit, head < line.count, line[head].time <= time {
            let key = line[head].key
            head += 1
            guard let last = touched[key] else { continue }
            if last <= time {
                touched[key] = nil
                taken.append(key)
            } else {
                line.append((key, last))
            }
        }
        if head > 1_000, head > line.count / 2 {
            line.removeFirst(head)
            head = 0
        }
        return taken
    }
}
