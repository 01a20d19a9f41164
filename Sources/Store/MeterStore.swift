internal import BSON
package import Mongo

/// A client of the database, lent for one use case; it must not leave the closure that gets it.
package typealias Reading = Mongo.Connection

/// A transaction, lent likewise. What changes a ledger takes one, so that no write can be left out of it.
package typealias Transaction = Mongo.Transaction

/// What is kept. The only way to a collection, and every call on one takes a `Tenant`.
package final class MeterStore: Sendable {
    let database: Database

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
        try translated { try database.withConnection { try Schema.apply(on: $0) } }
    }

    /// Answers when the database can be written to.
    package func ping() async throws {
        try await translatedAsync { try await database.run { _ = try $0.command(["ping": 1]) } }
    }

    /// Runs `body` on a database thread.
    package func read<Result: Sendable>(_ body: @escaping @Sendable (Reading) throws -> Result) async throws -> Result {
        try await translatedAsync { try await database.run(body) }
    }

    /// Runs `body` in a transaction on a database thread; it may run again when the database asks for it.
    package func transaction<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        try await translatedAsync { try await database.run { try $0.transaction(body) } }
    }

    /// The same on the caller's own thread, which blocks: for the committer and for commands, never for a handler.
    package func blockingRead<Result>(_ body: (Reading) throws -> Result) throws -> Result {
        try translated { try database.withConnection(body) }
    }

    package func blockingTransaction<Result>(_ body: (Transaction) throws -> Result) throws -> Result {
        try translated { try database.withConnection { try $0.transaction(body) } }
    }

    /// Waits for what runs, then gives everything back.
    package func shutdown() { database.shutdown() }
}

private func translated<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as MongoError { throw StoreError(error) }
}

private func translatedAsync<Result>(_ body: () async throws -> Result) async throws -> Result {
    do { return try await body() } catch let error as MongoError { throw StoreError(error) }
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
