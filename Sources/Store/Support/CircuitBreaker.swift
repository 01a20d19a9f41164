internal import Synchronization

/// Whether the database is away. While it is, one call at a time finds out whether it is back, and the others fail at once instead of
/// each waiting in its turn: so that thousands of clients hear of it within seconds, and hold nothing meanwhile.
final class CircuitBreaker: Sendable {
    private struct State {
        var since: ContinuousClock.Instant?
        var isProbed = false
    }

    /// A short absence is waited out by every call.
    static let patience: Duration = .seconds(1)

    private let state = Mutex(State())

    /// Whether a call may go ahead.
    func admits(at now: ContinuousClock.Instant = .now) -> Bool {
        state.withLock { state in
            guard let since = state.since, now - since > Self.patience else { return true }
            defer { state.isProbed = true }
            return !state.isProbed
        }
    }

    /// What became of a call that went ahead: `isAway` when it could not reach the database.
    func note(isAway: Bool, at now: ContinuousClock.Instant = .now) {
        state.withLock { state in
            state.isProbed = false
            state.since = isAway ? state.since ?? now : nil
        }
    }

    var isKnown: Bool { state.withLock { $0.since != nil } }
}
