internal import BSON
package import Mongo

/// A client of the database that can only read, lent for one use case. It must not leave the closure that gets it.
package typealias Reading = Mongo.Reader

/// A client of the database that reads and writes outside a transaction, lent likewise: each of its writes stands alone.
package typealias Writing = Mongo.Connection

/// A transaction, lent likewise. Functions that change balances or money take one, so that no write can be left out of it.
package typealias Transaction = Mongo.Transaction

/// The database. The only way to a collection; each function on a collection takes a `Tenant`. Every call takes its time from
/// `Deadline.current`; those that run on database threads wait for them in the line of `Share.current`.
package final class MeterStore: Sendable {
    let database: Database
    private let breaker: CircuitBreaker
    private let idleTransactions: IdleTransactions

    /// `uri`: MongoDB's connection string. Connects when first used.
    package convenience init(
        uri: String, database name: String, threads: Int = 8, log: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
        var options = DatabaseOptions()
        options.threads = threads
        options.log = log
        self.init(database: try Database(uri: uri, name: name, options: options), log: log)
    }

    package convenience init(database: Database, log: @escaping @Sendable (String) -> Void = { _ in }) {
        self.init(database: database, breaker: CircuitBreaker(), log: log)
    }

    init(database: Database, breaker: CircuitBreaker, log: @escaping @Sendable (String) -> Void = { _ in }) {
        self.database = database
        self.breaker = breaker
        idleTransactions = IdleTransactions(log: log)
    }

    /// Brings the database to this program's version of the schema, as `Migrator.run` says. First it ends what transactions an instance that was
    /// killed left open, as a change of a validator waits for them. Blocks.
    package func prepare(
        log: @escaping @Sendable (String) -> Void = { _ in }, isStopped: @escaping @Sendable () -> Bool = { false }
    ) throws {
        blockingEndIdleTransactions()
        do {
            try Migrator(database: database, log: log, isStopped: isStopped).run()
        } catch let error as MongoError {
            throw StoreError(error)
        }
    }

    /// Throws `SchemaError` unless the database has this program's version of the schema. Changes nothing. Blocks.
    package func requireSchema() throws {
        if let error = try blockingRead({ try Self.schemaError($0, of: database.name) }) { throw error }
    }

    /// Why a database does not have this program's version of the schema; nil when it has.
    package static func schemaError(_ reading: Reading, of name: String) throws -> SchemaError? {
        SchemaError(try SchemaVersion.find(reading), known: Int64(Migration.all.count), of: name)
    }

    /// Returns when the primary has answered, and throws when it does not.
    package func ping() async throws {
        try await Share.$current.withValue(.urgent) { try await read { try $0.ping() } }
    }

    /// Runs `body`, which only reads, on a database thread.
    package func read<Result: Sendable>(_ body: @escaping @Sendable (Reading) throws -> Result) async throws -> Result {
        try await write(body)
    }

    /// Runs `body`, which only reads, on a database thread. It sees everything as it was at one instant: for answers whose parts must agree.
    package func readAtOnce<Result: Sendable>(_ body: @escaping @Sendable (Reading) throws -> Result) async throws -> Result {
        try await read { try $0.snapshot(body) }
    }

    /// Runs `body` on a database thread. Each of its writes stands alone.
    package func write<Result: Sendable>(_ body: @escaping @Sendable (Writing) throws -> Result) async throws -> Result {
        try await calling {
            try await database.run(by: Deadline.current.instant, in: Share.current.lane) { [breaker] in try breaker.passing($0, to: body) }
        }
    }

    /// Runs `body` in a transaction on a database thread; it may run again when the database asks for it. Throws `contended` at once where another
    /// transaction holds a document: who waits for that holds no thread meanwhile.
    package func transaction<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        try await calling {
            try await database.transaction(by: Deadline.current.instant, in: Share.current.lane, retryingConflicts: false) { [breaker] in
                try breaker.passing($0) { _ in }
            } body: {
                try body($0)
            }
        }
    }

    private func calling<Result>(_ call: () async throws -> Result) async throws -> Result {
        guard breaker.admits() else { throw Self.away }
        do {
            let result = try await call()
            breaker.note(.answered)
            return result
        } catch {
            throw noted(error)
        }
    }

    /// Runs `body`, which only reads, on the caller's own thread, which blocks: for committers and commands, never for a handler.
    package func blockingRead<Result>(_ body: (Reading) throws -> Result) throws -> Result {
        try blockingWrite(body)
    }

    /// Runs `body` on the caller's own thread, which blocks. Each of its writes stands alone.
    package func blockingWrite<Result>(_ body: (Writing) throws -> Result) throws -> Result {
        guard breaker.admits() else { throw Self.away }
        do {
            let result = try database.withConnection(by: Deadline.current.instant) { try breaker.passing($0, to: body) }
            breaker.note(.answered)
            return result
        } catch {
            throw noted(error)
        }
    }

    /// Runs `body` in a transaction on the caller's own thread, which blocks; it may run again. Throws `contended` as `transaction` does.
    package func blockingTransaction<Result>(_ body: (Transaction) throws -> Result) throws -> Result {
        try blockingWrite { try $0.transaction(retryingConflicts: false, body) }
    }

    /// Whether the last call that went through found the database away.
    package var isAway: Bool { breaker.isOpen }

    /// Ends our transactions that nobody goes on with. For whoever waits for a document, and when jobs begin; it looks at most twice a second,
    /// whoever asks, and never throws.
    package func endIdleTransactions() async {
        guard idleTransactions.isDue() else { return }
        await findAndEndIdleTransactions()
    }

    private func findAndEndIdleTransactions() async {
        let name = database.appName
        do {
            idleTransactions.note(.success(try await write { try $0.endIdleTransactions(of: name, after: IdleTransactions.limit) }))
        } catch {
            idleTransactions.note(.failure(error))
        }
    }

    /// Begins the same, and returns at once: for threads on which others wait.
    package func startEndingIdleTransactions() {
        guard idleTransactions.isDue() else { return }
        Task { await findAndEndIdleTransactions() }
    }

    /// The same on the caller's own thread, which blocks.
    package func blockingEndIdleTransactions() {
        guard idleTransactions.isDue() else { return }
        idleTransactions.note(
            Result { try blockingWrite { try $0.endIdleTransactions(of: database.appName, after: IdleTransactions.limit) } })
    }

    /// Waits for the calls that run, then closes every connection.
    package func shutdown() { database.shutdown() }

    private static let away = StoreError(.unavailable, "The database is away.")

    /// The error as callers know it, after the circuit breaker was told. While the database is away, a call that was refused for want of a
    /// thread or connection is `unavailable` too, as that is why it found none.
    private func noted(_ error: any Error) -> any Error {
        if error is CircuitBreaker.NoAnswer {
            breaker.note(.away)
            return Self.away
        }
        guard let error = error as? MongoError else {
            breaker.note(.answered)
            return error
        }
        let known = StoreError(error)
        switch known.kind {
        case .unavailable: breaker.note(.away)
        case .interrupted: breaker.note(.nothing)
        case .overloaded:
            guard breaker.isOpen else { return known }
            breaker.note(.away)
            return Self.away
        default: breaker.note(.answered)
        }
        return known
    }
}
