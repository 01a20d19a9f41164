/// A dictionary of at most `capacity` values. A new value takes the place of one that was not used lately: a hand goes around over the values, and
/// spares each that was used since it came by the last time. So an eviction costs one or two steps on average, however large the cache is, and
/// look-ups stay as quick as a dictionary's.
struct BoundedCache<Key: Hashable, Value> {
    private struct Entry {
        let key: Key
        var value: Value
        /// Whether the value was used since the hand came by.
        var isUsed = false
    }

    let capacity: Int
    private var entries: [Entry] = []
    private var places: [Key: Int] = [:]
    /// The place of the next entry that may have to go.
    private var hand = 0

    /// `capacity`: at least 1.
    init(capacity: Int) { self.capacity = max(1, capacity) }

    var count: Int { entries.count }

    /// The value of the key. Reading it here does not count as a use; storing it again does, and so does `use`.
    subscript(key: Key) -> Value? {
        get { places[key].map { entries[$0].value } }
        set {
            guard let newValue else { return remove(key) }
            if let place = places[key] {
                entries[place].value = newValue
                entries[place].isUsed = true
            } else {
                insert(Entry(key: key, value: newValue))
            }
        }
    }

    /// The value of the key, which is kept the longer for it.
    mutating func use(_ key: Key) -> Value? {
        guard let place = places[key] else { return nil }
        entries[place].isUsed = true
        return entries[place].value
    }

    private mutating func insert(_ entry: Entry) {
        guard entries.count == capacity else {
            places[entry.key] = entries.count
            return entries.append(entry)
        }
        while entries[hand].isUsed {
            entries[hand].isUsed = false
            moveHand()
        }
        places[entries[hand].key] = nil
        entries[hand] = entry
        places[entry.key] = hand
        moveHand()
    }

    private mutating func moveHand() { hand = (hand + 1) % entries.count }

    /// The last entry takes the place of the one that goes.
    private mutating func remove(_ key: Key) {
        guard let place = places.removeValue(forKey: key), let last = entries.popLast() else { return }
        if place < entries.count {
            entries[place] = last
            places[last.key] = place
        }
        if hand >= entries.count { hand = 0 }
    }
}
