import Metering
import ServiceSupport
import Store
import Synchronization
import Testing

@testable import Service

@Suite struct SumEventsTests {
    /// Sums that are too large from the first step on.
    private struct TooLarge: EventSums {
        var isTooLarge = false

        mutating func add(_ events: EventStep, _ reading: Reading) { isTooLarge = true }
    }

    private func sum(in test: TestService, by deadline: Deadline) async -> ServiceError? {
        await #expect(throws: ServiceError.self) {
            try await Deadline.$current.withValue(deadline) {
                try await test.service.sums(
                    TooLarge(), over: TimeRange(), of: UserID(stored: "u"), in: test.tenant, tooSlow: .tooMuch("narrower"),
                    tooLarge: .notFound("too large"))
            }
        }
    }

    @Test func `What is too much to be summed is told as that, never as a database that is away`() async throws {
        try await withTestService { test in
            guard case .tooMuch("narrower") = await sum(in: test, by: Deadline(in: .milliseconds(300))) else {
                Issue.record("The time was too short.")
                return
            }
            guard case .notFound("too large") = await sum(in: test, by: .none) else {
                Issue.record("The sums were too large.")
                return
            }
        }
    }

    @Test func `One long read of a shop goes on, the next waits for its end, and another shop's does not wait`() async throws {
        try await withTestService { test in
            let other = try await test.service.createShop(
                id: ShopID(stored: "other"), name: "Other", currency: Currency(stored: "EUR"), clock: .live
            ).shop.tenant
            let reads = LongReads()
            let (began, begin) = AsyncStream.makeStream(of: Int.self)
            let gates = (0..<2).map { _ in AsyncStream.makeStream(of: Void.self) }
            let tasks = (0..<2).map { number in
                Task {
                    await reads.pass(test.tenant) {
                        begin.yield(number)
                        for await _ in gates[number].stream { break }
                    }
                }
            }
            var running = began.makeAsyncIterator()
            let first = try #require(await running.next())
            #expect(await reads.pass(other) { reads.runningCount } == 2)
            gates[first].continuation.finish()
            #expect(await running.next() == 1 - first)
            for gate in gates { gate.continuation.finish() }
            for task in tasks { await task.value }
        }
    }
}
