internal import BSON

/// One MongoDB database: connections to it, and threads to use them on.
///
/// Every write is acknowledged by a majority and in its journal, every read sees what a majority has.
package final class Database: Sendable {
    package let name: String
    private let pool: ClientPool
    private let threads: DatabaseThreads
    private let writeTimeout: Duration
    private let abandoned = AbandonedSessions()

    /// Starts the threads; the connections are made when they are needed. Throws `.misuse` for a URI that is none.
    package init(uri: String, name: String, options: DatabaseOptions = DatabaseOptions()) throws(MongoError) {
        self.name = name
        self.writeTimeout = options.writeConcern
        self.pool = try ClientPool(uri: uri, options: options)
        self.threads = DatabaseThreads(count: options.threads, bound: options.queueBound, wait: options.queueWait)
    }

    /// Runs the body on a database thread. Throws `.overloaded` at once when the queue is full.
    /// The connection must not escape the body.
    package func run<R: Sendable>(_ body: @escaping @Sendable (Connection) throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            let lend = lender
            threads.submit(
                DatabaseThreads.Job(
                    enqueued: .now,
                    run: { continuation.resume(with: Result { try lend.withConnection(body) }) },
                    refuse: { continuation.resume(throwing: $0) }))
        }
    }

    /// Runs the body on the caller's thread, which blocks: not for a thread of Swift's pool.
    /// The connection must not escape the body.
    package func withConnection<R>(_ body: (Connection) throws -> R) throws -> R {
        try lender.withConnection(body)
    }

    /// Asks the primary for an answer. Blocks.
    package func ping() throws {
        _ = try withConnection { try $0.command(["ping": .int32(1)]) }
    }

    /// Lets what was begun finish, then ends the threads. Later calls throw `.unavailable`. Not to be called from a database thread.
    package func shutdown() {
        threads.shutdown()
        pool.close()
    }

    private var lender: Lender { Lender(pool: pool, database: name, writeTimeout: writeTimeout, abandoned: abandoned) }
}

/// What a queued call needs to lend a connection; it does not keep the database's threads alive.
private struct Lender: Sendable {
    let pool: ClientPool
    let database: String
    let writeTimeout: Duration
    let abandoned: AbandonedSessions

    func withConnection<R>(_ body: (Connection) throws -> R) throws -> R {
        try unsafe pool.withClient { client in
            let connection = unsafe Connection(client: client, database: database, writeTimeout: writeTimeout, abandoned: abandoned)
            defer { connection.giveBack() }
            try abandoned.end(through: connection)
            return try body(connection)
        }
    }
}
