internal import Foundation

/// Runs a transaction again until it is committed, fails for good, or meets its deadline. `mongoc_client_session_with_transaction` is no
/// choice: it has a fixed limit of 120 s and no pauses.
struct RetryLoop {
    let connection: Connection
    let session: Session
    let deadline: ContinuousClock.Instant
    /// Whether it runs again after a write conflict; else that is thrown, for a caller who has something better to do than to wait.
    let retriesConflicts: Bool
    var start = ContinuousClock.now

    /// How long an unreachable server is tried again. Short, as callers wait meanwhile.
    static let patience: Duration = .seconds(2)

    enum Outcome<R> {
        case committed(R)
        case again(after: MongoError)
    }

    func run<R>(_ body: (Transaction) throws -> R) throws -> R {
        var backoff = Backoff()
        while true {
            switch try attempt(body) {
            case .committed(let result): return result
            case .again(let error):
                guard retriesConflicts || error.kind != .writeConflict, pause(&backoff) else { throw error }
            }
        }
    }

    func attempt<R>(_ body: (Transaction) throws -> R) throws -> Outcome<R> {
        try session.begin()
        let transaction = Transaction(on: connection, session: session)
        let result = Result { try body(transaction) }
        transaction.giveBack()
        if let failure = transaction.failure {
            if isOutOfPatience(after: failure) {
                connection.abandon(session)
                throw failure
            }
            session.abort()
            if failure.isTransientTransaction { return .again(after: failure) }
            _ = try result.get()
            throw failure
        }
        switch result {
        case .success(let value): return try commit(value)
        case .failure(let error):
            session.abort()
            throw error
        }
    }

    private func commit<R>(_ value: R) throws(MongoError) -> Outcome<R> {
        var backoff = Backoff()
        while let error = session.commit() {
            if error.isTransientTransaction { return .again(after: error) }
            let mayBeDone = error.isUnknownCommit || error.kind == .unavailable || error.kind == .interrupted
            guard mayBeDone, !isOutOfPatience(after: error), pause(&backoff) else {
                // No abort may follow on a commit. Where the transaction is still open, it is ended with its session.
                connection.abandon(session)
                throw mayBeDone ? unknown(error) : error
            }
        }
        return .committed(value)
    }

    private func isOutOfPatience(after error: MongoError) -> Bool {
        error.kind == .unavailable && .now - start > Self.patience
    }

    private func unknown(_ error: MongoError) -> MongoError {
        MongoError(.commitUnknown, code: error.code, error.message, labels: [.unknownCommit, .mayHaveHappened])
    }

    /// Sleeps until the next attempt is due. False, without a sleep, when the deadline would pass meanwhile.
    private func pause(_ backoff: inout Backoff) -> Bool {
        let delay = backoff.next(jitter: .random(in: 0...1))
        guard .now + delay < deadline else { return false }
        Thread.sleep(forTimeInterval: delay / .seconds(1))
        return true
    }
}

extension RetryLoop.Outcome: Sendable where R: Sendable {}

/// The pauses between attempts: a random part of min(5 ms × 1.5ⁿ, 500 ms), as MongoDB's specification of transactions asks of drivers.
package struct Backoff: Sendable {
    private var exponent = 0.0

    package init() {}

    /// - Parameter jitter: from 0 to 1.
    package mutating func next(jitter: Double) -> Duration {
        let milliseconds = min(5 * pow(1.5, exponent), 500)
        exponent += 1
        return .microseconds(Int64(milliseconds * jitter * 1000))
    }
}
