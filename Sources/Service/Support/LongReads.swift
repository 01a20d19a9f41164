internal import Store
internal import Synchronization

/// Lets few long reads go on at a time, one of a shop, as each keeps sums in memory and a processor of the database busy; the others wait, and hold no thread. Of
/// those that wait, the first goes on whose shop has room.
final class LongReads: Sendable {
    private struct State {
        var running: Set<Tenant> = []
        var waiting: [(tenant: Tenant, go: CheckedContinuation<Void, Never>)] = []

        mutating func begin(_ tenant: Tenant) -> Bool {
            running.count < LongReads.maximum && running.insert(tenant).inserted
        }

        /// The next that may begin, which this begins.
        mutating func next() -> CheckedContinuation<Void, Never>? {
            for (index, waiter) in waiting.enumerated() where begin(waiter.tenant) {
                waiting.remove(at: index)
                return waiter.go
            }
            return nil
        }
    }

    static let maximum = 4

    private let state = Mutex(State())

    /// How many go on.
    var runningCount: Int { state.withLock { $0.running.count } }

    /// Runs `body` when it is its turn.
    func pass<Result>(_ tenant: Tenant, _ body: () async throws -> Result) async rethrows -> Result {
        await withCheckedContinuation { go in
            let isFree = state.withLock { state in
                if state.begin(tenant) { return true }
                state.waiting.append((tenant, go))
                return false
            }
            if isFree { go.resume() }
        }
        defer { leave(tenant) }
        return try await body()
    }

    private func leave(_ tenant: Tenant) {
        let next = state.withLock { state in
            state.running.remove(tenant)
            return state.next()
        }
        next?.resume()
    }
}

extension ShopMeter {
    /// Makes one step of a long read, which takes some ten milliseconds. A shop's steps follow one another, each after a pause while events come, so
    /// that however many long reads a shop asks for, most of the database's time is left to others.
    func longStep<Result>(of tenant: Tenant, _ step: () async throws -> Result) async throws -> Result {
        try await stepMutex.withLock(tenant) {
            let start = ContinuousClock.now
            let result = try await Share.$current.withValue(.long(tenant)) { try await step() }
            try await giveWay(after: .now - start)
            return result
        }
    }
}
