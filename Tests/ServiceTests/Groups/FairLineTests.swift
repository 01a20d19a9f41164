import Support
import Testing

@testable import Service

@Suite struct FairLineTests {
    @Test func `Owners take turns, and each one's items keep their order`() {
        var line = FairLine<String, String>()
        for item in ["a1", "a2", "a3", "a4", "b1", "c1", "c2"] { line.add(item, of: String(item.prefix(1))) }
        #expect(line.count == 7 && line.counts == ["a": 4, "b": 1, "c": 2])
        var taken: [String] = []
        while let item = line.take() { taken.append(item) }
        #expect(taken == ["a1", "b1", "c1", "a2", "c2", "a3", "a4"])
        #expect(line.count == 0 && line.counts.isEmpty && line.take() == nil)
    }

    @Test func `What is taken out is gone, and the rest keeps its order`() {
        var line = FairLine<Int, Int>()
        for item in 0..<20 { line.add(item, of: item % 3) }
        _ = line.take()
        #expect(Set(line.remove { $0 % 2 == 0 }) == Set(stride(from: 2, to: 20, by: 2)))
        #expect(line.count == 10 && Set(line.items) == Set(stride(from: 1, to: 20, by: 2)))
        #expect(line.remove { _ in false }.isEmpty)
        var taken: [Int] = []
        while let item = line.take() { taken.append(item) }
        for owner in 0..<3 { #expect(taken.filter { $0 % 3 == owner } == (0..<20).filter { $0 % 2 == 1 && $0 % 3 == owner }) }
    }

    @Test func `Whatever comes and goes, nothing is lost, and no owner waits for more than one item of each other`() {
        var random = SplitMix(seed: 11)
        var (line, waiting) = (FairLine<Int, Int>(), [Int: [Int]]())
        var (number, passed) = (0, [Int: [Int: Int]]())
        for _ in 0..<20_000 {
            if Bool.random(using: &random) {
                let owner = Int.random(in: 0..<5, using: &random)
                line.add(number, of: owner)
                waiting[owner, default: []].append(number)
                number += 1
            } else if let item = line.take() {
                guard let owner = waiting.first(where: { $0.value.first == item })?.key else { return #expect(Bool(false), "out of order") }
                waiting[owner]?.removeFirst()
                passed[owner] = [:]
                for other in waiting.keys where other != owner && waiting[other]?.isEmpty == false {
                    passed[other, default: [:]][owner, default: 0] += 1
                    #expect(passed[other]?[owner] ?? 0 <= 2)
                }
                if waiting[owner]?.isEmpty == true { for other in passed.keys { passed[other]?[owner] = nil } }
            }
        }
        #expect(line.count == waiting.values.reduce(0) { $0 + $1.count })
    }
}
