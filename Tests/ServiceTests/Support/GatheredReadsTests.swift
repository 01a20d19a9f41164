import Support
import Synchronization
import Testing

@testable import Service

@Suite struct GatheredReadsTests {
    private let reads = GatheredReads<String, Int, String>()
    private let database = Answers()

    /// Two callers hold both places of the group until `count` others wait; then all go on.
    private func together(_ count: Int, key: @escaping @Sendable (Int) -> Int, poison: Int? = nil) async throws -> [Int: String?] {
        let (isOpen, open) = AsyncStream<Void>.makeStream()
        let (arrivals, arrive) = AsyncStream<Void>.makeStream()
        return try await withThrowingTaskGroup(of: (Int, String?)?.self) { group in
            for holder in [-1, -2] {
                group.addTask {
                    _ = try await reads.value(of: holder, in: "shop") { keys in
                        arrive.yield()
                        for await _ in isOpen {}
                        return [:]
                    }
                    return nil
                }
            }
            var arrived = arrivals.makeAsyncIterator()
            for _ in 0..<2 { await arrived.next() }
            for number in 0..<count {
                group.addTask {
                    do {
                        return (number, try await reads.value(of: key(number), in: "shop") { try read($0, poison: poison) })
                    } catch is Poisoned {
                        return (number, "poisoned")
                    }
                }
            }
            while reads.waitingCount(in: "shop") < count { await Task.yield() }
            open.finish()
            var answers: [Int: String?] = [:]
            for try await case (let number, let answer)? in group { answers[number] = answer }
            return answers
        }
    }

    private func read(_ keys: [Int], poison: Int?) throws -> [Int: String] {
        database.rounds.withLock { $0.append(Set(keys)) }
        if let poison, keys.contains(poison) { throw Poisoned() }
        return Dictionary(uniqueKeysWithValues: keys.filter { $0 % 10 != 9 }.map { ($0, "value \($0)") })
    }

    @Test func `Callers who wait are read for in one round, each gets its own, and one key is read once`() async throws {
        let answers = try await together(250) { $0 % 120 }
        #expect(answers.count == 250)
        for (number, answer) in answers {
            let key = number % 120
            #expect(answer == (key % 10 == 9 ? nil : "value \(key)"))
        }
        let rounds = database.rounds.withLock { $0 }
        #expect(rounds.count == 3)
        #expect(rounds.allSatisfy { $0.count <= GatheredReads<String, Int, String>.bound })
        #expect(reads.waitingCount(in: "shop") == 0)
    }

    @Test func `A key that cannot be read fails its own caller alone`() async throws {
        let answers = try await together(40, key: { $0 }, poison: 17)
        for (number, answer) in answers {
            #expect(answer == (number == 17 ? "poisoned" : number % 10 == 9 ? nil : "value \(number)"))
        }
    }

    @Test func `Who asks after a round began is not answered by it`() async throws {
        let (isOpen, open) = AsyncStream<Void>.makeStream()
        let (arrivals, arrive) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    try await reads.value(of: 1, in: "shop") { _ in
                        let read = database.stored.withLock { $0 }
                        arrive.yield()
                        for await _ in isOpen {}
                        return [1: read]
                    }
                }
            }
            var arrived = arrivals.makeAsyncIterator()
            for _ in 0..<2 { await arrived.next() }
            database.stored.withLock { $0 = "new" }
            group.addTask { try await reads.value(of: 1, in: "shop") { _ in [1: database.stored.withLock { $0 }] } }
            while reads.waitingCount(in: "shop") < 1 { await Task.yield() }
            open.finish()
            var answers: [String?] = []
            for try await answer in group { answers.append(answer) }
            #expect(answers.count { $0 == "old" } == 2)
            #expect(answers.count { $0 == "new" } == 1)
        }
    }
}

private struct Poisoned: Error {}

private final class Answers: Sendable {
    /// The keys of each round.
    let rounds = Mutex<[Set<Int>]>([])
    let stored = Mutex("old")
}
