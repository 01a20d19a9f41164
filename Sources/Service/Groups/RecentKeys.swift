/// The keys that were noted last, by their hashes: for who asks again within a time. A key that was not noted may seem so, but rarely.
struct RecentKeys<Key: Hashable> {
    private var hashes: BoundedCache<Int, Void>

    /// `capacity`: at least 1.
    init(capacity: Int) { hashes = BoundedCache(capacity: capacity) }

    func mayContain(_ key: Key) -> Bool { hashes[key.hashValue] != nil }

    mutating func note(_ key: Key) { hashes[key.hashValue] = () }
}
