internal import Store
internal import Synchronization

/// Every request has one deadline, however many steps it takes.
extension ShopMeter {
    /// Runs `work`, and everything that it calls takes its time from the limit. When that is over the caller is answered at once, whatever work
    /// waits for: with `databaseUnavailable` while the database is away, else with `overloaded`. Work is cancelled then; what it has sent to the
    /// database may still be stored.
    package func within<Result: Sendable>(
        _ limit: Duration, _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let deadline = Deadline(in: limit)
        let first = FirstAnswer<Result>()
        let task = Task {
            await Deadline.$current.withValue(deadline) {
                do { first.give(.success(try await work())) } catch { first.give(.failure(error)) }
            }
        }
        let alarm = deadline.instant.map { time in
            alarms.set(time) { [store] in
                first.give(.failure(store.isAway ? ServiceError.databaseUnavailable : .overloaded))
                task.cancel()
            }
        }
        defer { if let alarm { alarms.clear(alarm) } }
        return try await first.value
    }
}

/// The first of several answers; the others are dropped.
private final class FirstAnswer<Value: Sendable>: Sendable {
    private struct State {
        var answer: Result<Value, any Error>?
        var waiting: CheckedContinuation<Value, any Error>?
    }

    private let state = Mutex(State())

    func give(_ answer: Result<Value, any Error>) {
        let waiting: CheckedContinuation<Value, any Error>? = state.withLock { state in
            guard state.answer == nil else { return nil }
            state.answer = answer
            return state.waiting
        }
        waiting?.resume(with: answer)
    }

    /// Waits for the first answer. One caller may.
    var value: Value {
        get async throws {
            try await withCheckedThrowingContinuation { continuation in
                let answer: Result<Value, any Error>? = state.withLock { state in
                    if state.answer == nil { state.waiting = continuation }
                    return state.answer
                }
                if let answer { continuation.resume(with: answer) }
            }
        }
    }
}
