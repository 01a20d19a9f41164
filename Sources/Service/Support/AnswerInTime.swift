internal import Store
internal import Synchronization

/// Every request has one deadline, however many steps it takes.
extension ShopMeter {
    /// Runs `work` in a task, and everything that it calls takes its time from the limit. When that is over, the answer is an error at once,
    /// whatever work waits for: `databaseUnavailable` while the database is away, else `overloaded`. Work is cancelled then; what it has sent to
    /// the database may still be stored. A longer limit is for much to read, not for a database that stands still: after `silence` it is asked whether
    /// it answers at all, and when it does not, the answer is `databaseUnavailable` then.
    /// - Parameter answer: called once, on the thread of the task, or on one of ours.
    package func within<Value: Sendable>(
        _ limit: Duration, on executor: (any TaskExecutor)? = nil, _ work: @escaping @Sendable () async throws -> Value,
        answer: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        let deadline = Deadline(in: limit)
        let first = FirstAnswer(answer)
        var set: [Int] = []
        if let time = deadline.instant {
            set.append(alarms.set(time) { [store] in first.giveUp(store.isAway ? ServiceError.databaseUnavailable : .overloaded) })
        }
        if limit > Self.silence + Self.pingLimit {
            set.append(alarms.set(.now + Self.silence) { [store] in Task { await Self.giveUp(first, whenSilent: store) } })
        }
        first.cancelling(
            Task(executorPreference: executor) { [alarms, set] in
                let result: Result<Value, any Error>
                do { result = .success(try await Deadline.$current.withValue(deadline, operation: work)) } catch {
                    result = .failure(error)
                }
                for alarm in set { alarms.clear(alarm) }
                first.give(result)
            })
    }

    private static let silence = Duration.seconds(4)
    private static let pingLimit = Duration.milliseconds(900)

    private static func giveUp<Value>(_ first: FirstAnswer<Value>, whenSilent store: MeterStore) async {
        if await !answers(store) { first.giveUp(ServiceError.databaseUnavailable) }
    }

    /// Whether the database answers in less than a second, for whoever has waited in vain.
    static func answers(_ store: MeterStore) async -> Bool {
        do { try await Deadline.$current.withValue(Deadline(in: pingLimit)) { try await store.ping() } } catch { return false }
        return true
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
