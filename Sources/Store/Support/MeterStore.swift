internal import BSON
package import Mongo

/// A client of the database, lent for one use case; it must not leave the closure that gets it.
package typealias Reading = Mongo.Connection

/// A transaction, lent likewise. What changes a ledger takes one, so that no write can be left out of it.
package typealias Transaction = Mongo.Transaction

/// What is kept. The only way to a collection, and every call on one takes a `Tenant`.
package final class MeterStore: Sendable {
    let database: Database
    private let outage = CircuitBreaker()

    /// `uri`: MongoDB's connection string. Connects when first used.
    package init(uri: String, database name: String, threads: Int = 6, log: @escaping @Sendable (String) -> Void = { _ in }) throws {
        var options = DatabaseOptions()
        options.threads = threads
        options.log = log
        database = try Database(uri: uri, name: name, options: options)
    }

    package init(database: Database) { self.database = database }

    /// Creates what is missing of collections, validators and indexes.
    package func prepare() throws {
        try blockingRead { try Schema.apply(on: $0) }
    }

    /// Answers when the database can be written to.
    package func ping() async throws {
        try await read { _ = try $0.command(["ping": 1]) }
    }

    /// Runs `body` on a database thread.
    package func read<Result: Sendable>(_ body: @escaping @Sendable (Reading) throws -> Result) async throws -> Result {
        guard outage.admits() else { throw Self.away }
        do {
            let result = try await database.run(body)
            outage.note(isAway: false)
            return result
        } catch {
            throw noted(error)
        }
    }

    /// The same, where everything is seen as it was at one instant: for answers whose parts must agree.
    package func readAtOnce<Result: Sendable>(_ body: @escaping @Sendable (Reading) throws -> Result) async throws -> Result {
        try await read { try $0.snapshot(body) }
    }

    /// Runs `body` in a transaction on a database thread; it may run again when the database asks for it.
    package func transaction<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        try await read { try $0.transaction(body) }
    }

    /// The same on the caller's own thread, which blocks: for the committer and for commands, never for a handler.
    package func blockingRead<Result>(_ body: (Reading) throws -> Result) throws -> Result {
        guard outage.admits() else { throw Self.away }
        do {
            let result = try database.withConnection(body)
            outage.note(isAway: false)
            return result
        } catch {
            throw noted(error)
        }
    }

    package func blockingTransaction<Result>(
        within limit: Duration = .seconds(10), _ body: (Transaction) throws -> Result
    ) throws -> Result {
        try blockingRead { try $0.transaction(deadline: limit, body) }
    }

    private static let away = StoreError(.unavailable, "The database is away.")

    /// The error as callers know it. A call that found no thread while the database is away found none because of that.
    private func noted(_ error: any Error) -> any Error {
        guard let error = error as? MongoError else {
            outage.note(isAway: false)
            return error
        }
        let known = StoreError(error)
        guard known.kind == .overloaded else {
            outage.note(isAway: known.kind == .unavailable)
            return known
        }
        guard outage.isKnown else { return known }
        outage.note(isAway: true)
        return Self.away
    }

    /// Waits for what runs, then gives everything back.
    package func shutdown() { database.shutdown() }
}

extension StoreError {
    init(_ error: MongoError) {
        let kind: Kind =
            switch error.kind {
            case .unavailable, .timeout, .commitUnknown, .cursorLost, .transactionAborted: .unavailable
            case .overloaded: .overloaded
            case .duplicateKey: .duplicate
            case .writeConflict: .conflict
            case .validation: .invalid
            default: .other
            }
        self.init(kind, "\(error)")
    }
}
