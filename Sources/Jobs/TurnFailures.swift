internal import Metering
internal import Service
internal import Store
internal import Synchronization

/// What fails in one turn of a job, shared by its parts: the rule is `JobFailures`.
final class TurnFailures: Sendable {
    private struct State {
        var failures: JobFailures
        var logged: [LoggedFailure] = []
        var count = 0
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> Timestamp

    init(_ failures: JobFailures = JobFailures(), now: @escaping @Sendable () -> Timestamp) {
        state = Mutex(State(failures: failures))
        self.now = now
    }

    var list: [JobFailure] { state.withLock { $0.failures.list } }
    /// How much failed in this turn, and what the log is told of it.
    var count: Int { state.withLock { $0.count } }
    var logged: [LoggedFailure] { state.withLock { $0.logged } }

    func waits(_ shop: ShopID) -> Bool { state.withLock { $0.failures.waits(shop, at: now()) } }

    func excluded(in shop: ShopID) -> Set<UserID> { state.withLock { $0.failures.excluded(in: shop, at: now()) } }

    /// Throws when one user more of the shop fails than fail alone.
    func note(_ error: any Error, of subject: JobFailure.Subject) throws {
        let users = state.withLock { state in
            state.failures.note(subject, error: JobFailure.words(for: error), at: now())
            state.count += 1
            if state.logged.count < JobFailures.maximum { state.logged.append(LoggedFailure(subject: subject, reason: "\(error)")) }
            return state.failures.failedUsers(in: subject.shop)
        }
        if subject.user != nil, users > JobFailures.maximumUsers { throw TooManyUsers() }
    }

    func finish(_ shop: ShopID) { state.withLock { $0.failures.finish(shop, at: now()) } }

    /// The shop fails as a whole, as more users of it fail than fail alone.
    struct TooManyUsers: Error {}
}

extension JobFailure {
    /// The error for an operator, without anything of the inside: the log has it in full.
    fileprivate static func words(for error: any Error) -> String {
        switch error {
        case is TurnFailures.TooManyUsers: "more than \(JobFailures.maximumUsers) of its users fail"
        case ServiceError.databaseUnavailable: "the database did not answer in time"
        case ServiceError.overloaded: "too much was waiting"
        case ServiceError.conflict, ServiceError.contended: "other changes came between"
        case let error as StoreError: error.words
        default: "an internal error; the log has it"
        }
    }
}

extension StoreError {
    fileprivate var words: String {
        switch kind {
        case .invalid: "a document cannot be stored, or cannot be read, as it is"
        case .duplicate: "an id is taken"
        default: "the database refused the work"
        }
    }
}
