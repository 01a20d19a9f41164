internal import Mongo
internal import Synchronization

/// Looks for transactions that nobody goes on with, and ends them, so that a document is not held by an instance that was killed.
final class IdleTransactions: Sendable {
    private struct State {
        var lookedAt: ContinuousClock.Instant?
        /// Whether the log was told that it cannot be done.
        var isReported = false
    }

    /// For how long nothing is done in a transaction that nobody goes on with. Between two operations of ours are milliseconds.
    static let limit: Duration = .seconds(1)

    private static let pause: Duration = .milliseconds(500)

    private let state = Mutex(State())
    private let log: @Sendable (String) -> Void

    init(log: @escaping @Sendable (String) -> Void) { self.log = log }

    /// Whether it is time to look; the caller then does.
    func isDue(at now: ContinuousClock.Instant = .now) -> Bool {
        state.withLock { state in
            if let last = state.lookedAt, now - last < Self.pause { return false }
            state.lookedAt = now
            return true
        }
    }

    /// Tells the log how many were ended, and once that it cannot be done. That the database does not answer is said elsewhere.
    func note(_ outcome: Result<Int, any Error>) {
        switch outcome {
        case .success(0): break
        case .success(let count): log("ended \(count) transactions that an instance had left open")
        case .failure(let error):
            guard let error = error as? StoreError, error.kind == .other else { return }
            reportOnce("transactions that an instance leaves open cannot be ended before the server's limit: \(error)")
        }
    }

    private func reportOnce(_ line: String) {
        let isFirst = state.withLock { state -> Bool in
            defer { state.isReported = true }
            return !state.isReported
        }
        if isFirst { log(line) }
    }
}
