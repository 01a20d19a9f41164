internal import Store
internal import Synchronization

/// Every request has one deadline, however many steps it takes.
extension ShopMeter {
    /// Runs `work` in a task, and everything that it calls takes its time from the limit. When that is over, the answer is an error at once,
    /// whatever work waits for: `databaseUnavailable` while the database is away, else `overloaded`. Work is cancelled then; what it has sent to
    /// the database may still be stored.
    /// - Parameter answer: called once, on the thread of the task, or on one of ours.
    package func within<Value: Sendable>(
        _ limit: Duration, on executor: (any TaskExecutor)? = nil, _ work: @escaping @Sendable () async throws -> Value,
        answer: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        let deadline = Deadline(in: limit)
        let first = FirstAnswer(answer)
        let alarm = deadline.instant.map { time in
            alarms.set(time) { [store] in first.giveUp(store.isAway ? ServiceError.databaseUnavailable : .overloaded) }
        }
        first.cancelling(
            Task(executorPreference: executor) { [alarms] in
                let result: Result<Value, any Error>
                do { result = .success(try await Deadline.$current.withValue(deadline, operation: work)) } catch {
                    result = .failure(error)
                }
                if let alarm { alarms.clear(alarm) }
                first.give(result)
            })
    }
}

/// The first of two answers, of work and of its alarm; the other is dropped.
private final class FirstAnswer<Value: Sendable>: Sendable {
    private struct State {
        /// Nil when it was called.
        var answer: (@Sendable (Result<Value, any Error>) -> Void)?
        var work: Task<Void, Never>?

        mutating func take() -> State {
            defer { (answer, work) = (nil, nil) }
            return self
        }
    }

    private let state: Mutex<State>

    init(_ answer: @escaping @Sendable (Result<Value, any Error>) -> Void) { state = Mutex(State(answer: answer)) }

    func give(_ result: Result<Value, any Error>) {
        state.withLock { $0.take() }.answer?(result)
    }

    /// Answers with the error, and cancels the work.
    func giveUp(_ error: any Error) {
        let taken = state.withLock { $0.take() }
        taken.answer?(.failure(error))
        taken.work?.cancel()
    }

    /// Notes the task that works on the answer. It is cancelled at once when it is late already.
    func cancelling(_ work: Task<Void, Never>) {
        let isOver = state.withLock { state in
            if state.answer != nil { state.work = work }
            return state.answer == nil
        }
        if isOver { work.cancel() }
    }
}
