import Testing

@testable import Service

@Suite struct BoundedCacheTests {
    @Test func `A full cache gives up one value for each new one, and none that was used since the hand came by`() {
        var cache = BoundedCache<Int, String>(capacity: 4)
        for key in 0..<4 { cache[key] = "\(key)" }
        #expect(cache.use(0) == "0")
        cache[1] = "one"
        cache[4] = "4"
        cache[5] = "5"
        #expect((0..<6).map { cache[$0] } == ["0", "one", nil, nil, "4", "5"])
        cache[6] = "6"
        #expect(cache.count == 4 && cache[0] == nil && cache[6] == "6", "one that is not used again goes when the hand comes again")
    }

    @Test func `A value that is removed leaves the others in their places`() {
        var cache = BoundedCache<Int, Int>(capacity: 3)
        for key in 0..<3 { cache[key] = key }
        cache[0] = nil
        cache[0] = nil
        #expect(cache.count == 2 && [0, 1, 2].map { cache[$0] } == [nil, 1, 2])
        for key in 3..<100 { cache[key] = key }
        #expect(cache.count == 3 && (3..<100).filter { cache[$0] == $0 }.count == 3)
        for key in 0..<100 { cache[key] = nil }
        cache[7] = 7
        #expect(cache.count == 1 && cache[7] == 7)
    }

    /// A dictionary that gives up `keys.first` packs the end of its table: each look-up then compares with hundreds of keys.
    @Test func `Look-ups compare with few keys, however many values went before`() {
        let counter = Counter()
        var cache = BoundedCache<CountedKey, Int>(capacity: 20_000)
        for number in 0..<100_000 { cache[CountedKey(number: number, counter: counter)] = number }
        counter.comparisons = 0
        for number in 80_000..<100_000 { #expect(cache[CountedKey(number: number, counter: counter)] == number) }
        #expect(counter.comparisons < 10 * 20_000)
    }
}

private final class Counter {
    var comparisons = 0
}

private struct CountedKey: Hashable {
    let number: Int
    let counter: Counter

    static func == (left: CountedKey, right: CountedKey) -> Bool {
        left.counter.comparisons += 1
        return left.number == right.number
    }

    func hash(into hasher: inout Hasher) { hasher.combine(number) }
}
