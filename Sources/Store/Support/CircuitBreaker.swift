internal import Mongo
internal import Synchronization

/// Fails calls at once while the database is away. One call at a time goes through and finds out by a `ping` whether the database is back; without
/// this breaker thousands of calls would each hold a thread until they time out.
///
/// The database is away when no server can be selected or connected to. A call that takes too long says nothing about other calls.
final class CircuitBreaker: Sendable {
    /// What a call that went through shows: `nothing` when it ended before the database could answer.
    enum Finding { case answered, away, nothing }

    /// The database did not answer the `ping` of the call that was to find out.
    struct NoAnswer: Error {}

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

    /// Gives the connection to a call that was admitted; while the database is away it pings first, so that others need not wait for the whole call.
    func passing<Result>(_ connection: Connection, to body: (Connection) throws -> Result) throws -> Result {
        if isOpen {
            do { try connection.ping() } catch { throw NoAnswer() }
            note(.answered)
        }
        return try body(connection)
    }

    func note(_ finding: Finding, at now: ContinuousClock.Instant = .now) {
        state.withLock { state in
            state.isProbed = false
            switch finding {
            case .answered: state.awaySince = nil
            case .away: state.awaySince = state.awaySince ?? now
            case .nothing: break
            }
        }
    }

    /// Whether the last call that went through found the database away.
    var isOpen: Bool { state.withLock { $0.awaySince != nil } }
}
