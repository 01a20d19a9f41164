/// The keys that were noted last, by their hashes: for who asks again within a time. A key that was not noted may seem so, but rarely.
struct RecentKeys<Key: Hashable> {
    private var hashes: Set<Int> = []
    private var ring: [Int] = []
    private var oldest = 0
    private let capacity: Int

    /// `capacity`: at least 1.
    init(capacity: Int) { self.capacity = capacity }

    func mayContain(_ key: Key) -> Bool { hashes.contains(key.hashValue) }

    mutating func note(_ key: Key) {
        let hash = key.hashValue
        guard hashes.insert(hash).inserted else { return }
        if ring.count < capacity { return ring.append(hash) }
        hashes.remove(ring[oldest])
        ring[oldest] = hash
        oldest = (oldest + 1) % capacity
    }
}
