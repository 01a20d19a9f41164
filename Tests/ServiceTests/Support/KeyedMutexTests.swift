import Support
import Synchronization
import Testing

@testable import Service

@Suite struct KeyedMutexTests {
    @Test func `Callers of one key come one after another, and one too many is refused at once`() async throws {
        let mutex = KeyedMutex<String>()
        let counts = Counts()
        let (held, hold) = AsyncStream<Void>.makeStream()
        let (isOpen, open) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await mutex.withLock("key") {
                    hold.finish()
                    for await _ in isOpen {}
                }
            }
            for await _ in held {}
            for _ in 0..<(KeyedMutex<String>.bound + 50) {
                group.addTask {
                    do {
                        try await mutex.withLock("key") {
                            let now = counts.running.withLock { running in
                                running += 1
                                return running
                            }
                            counts.most.withLock { $0 = max($0, now) }
                            await Task.yield()
                            counts.running.withLock { $0 -= 1 }
                        }
                    } catch ServiceError.overloaded {
                        let count = counts.refused.withLock { refused in
                            refused += 1
                            return refused
                        }
                        // When that many are refused, the line is full; then it may go on.
                        if count == 50 { open.finish() }
                    }
                }
            }
            #expect(try await mutex.withLock("another") { true })
            try await group.waitForAll()
        }
        #expect(counts.most.withLock { $0 } == 1)
        #expect(counts.refused.withLock { $0 } == 50)
    }
}

private final class Counts: Sendable {
    let running = Mutex(0)
    /// The most callers that ran at a time.
    let most = Mutex(0)
    let refused = Mutex(0)
}
