internal import Synchronization

/// Fails calls at once while the database is away. One call at a time goes through and finds out whether the database is back; without this
/// breaker thousands of calls would each hold a thread until they time out.
final class CircuitBreaker: Sendable {
    private struct State {
        /// Since when the database is away; nil while it answers.
        var awaySince: ContinuousClock.Instant?
        /// Whether a call is finding out.
        var isProbed = false
    }

    /// During an absence shorter than this every call goes through.
    static let patience: Duration = .seconds(1)

    private let state = Mutex(State())

    /// Whether a call may go through.
    func admits(at now: ContinuousClock.Instant = .now) -> Bool {
        state.withLock { state in
            guard let since = state.awaySince, now - since > Self.patience else { return true }
            defer { state.isProbed = true }
            return !state.isProbed
        }
    }

    /// Takes the outcome of a call that went through: `isAway` when it could not reach the database.
    func note(isAway: Bool, at now: ContinuousClock.Instant = .now) {
        state.withLock { state in
            state.isProbed = false
            state.awaySince = isAway ? state.awaySince ?? now : nil
        }
    }

    /// Whether the last call that went through found the database away.
    var isOpen: Bool { state.withLock { $0.awaySince != nil } }
}
