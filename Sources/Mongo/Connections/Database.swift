internal import BSON

/// One MongoDB database: connections to it, and threads to use them on.
///
/// A write is acknowledged when a majority has it in its journal; a read sees the documents that a majority has.
package final class Database: Sendable {
    package let name: String
    /// The name of its connections, the same for every process on this database.
    package let appName: String
    private let pool: ClientPool
    private let threads: DatabaseThreads
    /// For what others wait for and takes a moment.
    private let urgentThreads: DatabaseThreads
    private let limits: OperationLimits
    private let abandoned = AbandonedSessions()

    /// Starts the threads. Connections are made when they are first used. Throws `.misuse` for a malformed URI.
    package init(uri: String, name: String, options: DatabaseOptions = DatabaseOptions()) throws(MongoError) {
        self.name = name
        limits = OperationLimits(write: options.writeConcern, read: options.read)
        appName = options.appName ?? "shopmeter \(name)"
        self.pool = try ClientPool(uri: uri, appName: appName, options: options)
        self.threads = DatabaseThreads(count: options.threads, bound: options.queueBound, wait: options.queueWait)
        urgentThreads = DatabaseThreads(
            name: "urgent", count: options.urgentThreads, bound: options.queueBound, wait: options.queueWait)
    }

    /// Runs the body on a database thread, when it is the lane's turn. Throws `.overloaded` at once when the queue is full, and `.timeout` when the
    /// deadline passes before there is a thread. The connection must not escape the body.
    package func run<R: Sendable>(
        by deadline: ContinuousClock.Instant? = nil, in lane: Lane = .plain(of: ""),
        _ body: @escaping @Sendable (Connection) throws -> R
    ) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            let lend = lender
            (lane == .urgent ? urgentThreads : threads).submit(
                DatabaseThreads.Job(
                    enqueued: .now, deadline: deadline, lane: lane,
                    run: { continuation.resume(with: Result { try lend.withConnection(by: deadline, body) }) },
                    refuse: { continuation.resume(throwing: $0) }))
        }
    }

    /// Runs the body on the caller's thread, which blocks: never call it on a thread of Swift's pool.
    /// The connection must not escape the body.
    package func withConnection<R>(by deadline: ContinuousClock.Instant? = nil, _ body: (Connection) throws -> R) throws -> R {
        try lender.withConnection(by: deadline, body)
    }

    /// Lends a database for a question or two, and shuts it down. Blocks.
    package static func lent<R>(
        uri: String, name: String, options: DatabaseOptions = .small, _ body: (Database) throws -> R
    ) throws -> R {
        let database = try Database(uri: uri, name: name, options: options)
        defer { database.shutdown() }
        return try body(database)
    }

    /// Asks the primary for an answer (`ping`). Blocks.
    package func ping() throws {
        try withConnection { try $0.ping() }
    }

    /// Waits for the calls that were begun, then ends the threads. Later calls throw `.unavailable`. Never call it on a database thread.
    package func shutdown() {
        threads.shutdown()
        urgentThreads.shutdown()
        pool.close()
    }

    /// Returns when the connections of all databases that were shut down are closed. To be called before the process ends by `exit`, whose handlers
    /// take away what closing needs. Blocks, up to half a second.
    package static func settle() { Driver.settle() }

    private var lender: Lender { Lender(pool: pool, database: name, limits: limits, abandoned: abandoned) }
}

/// Lends connections to queued calls without keeping the database's threads alive.
private struct Lender: Sendable {
    let pool: ClientPool
    let database: String
    let limits: OperationLimits
    let abandoned: AbandonedSessions

    func withConnection<R>(by deadline: ContinuousClock.Instant?, _ body: (Connection) throws -> R) throws -> R {
        try unsafe pool.withClient { client in
            let connection = unsafe Connection(
                client: client, database: database, deadline: deadline, limits: limits, abandoned: abandoned)
            defer { connection.giveBack() }
            try abandoned.end(through: connection)
            return try body(connection)
        }
    }
}
