internal import BSON
internal import CMongoc
internal import Synchronization

/// A client session with at most one transaction at a time. It dies before its client goes back to the pool.
@safe final class Session {
    private let client: OpaquePointer
    private let pointer: OpaquePointer
    private let options: OpaquePointer
    private let isSnapshot: Bool

    @unsafe init(client: OpaquePointer, writeTimeout: Duration, isSnapshot: Bool = false) throws(MongoError) {
        let sessionOptions = unsafe mongoc_session_opts_new()
        defer { unsafe mongoc_session_opts_destroy(sessionOptions) }
        // Majority writes and snapshot reads on one primary already see each other.
        unsafe mongoc_session_opts_set_causal_consistency(sessionOptions, false)
        if isSnapshot { unsafe mongoc_session_opts_set_snapshot(sessionOptions, true) }
        var error = bson_error_t()
        guard let session = unsafe mongoc_client_start_session(client, sessionOptions, &error) else { throw MongoError(error) }
        unsafe self.client = client
        self.isSnapshot = isSnapshot
        unsafe pointer = session
        unsafe options = mongoc_transaction_opts_new()
        let concerns = Concerns(writeTimeout: writeTimeout)
        unsafe mongoc_transaction_opts_set_read_concern(options, concerns.snapshot)
        unsafe mongoc_transaction_opts_set_write_concern(options, concerns.write)
    }

    deinit {
        unsafe mongoc_transaction_opts_destroy(options)
        unsafe mongoc_client_session_destroy(pointer)
    }

    /// Marks an operation's options as part of the transaction.
    func append(to options: borrowing NativeDocument) throws(MongoError) {
        var error = bson_error_t()
        guard unsafe mongoc_client_session_append(pointer, options.pointer, &error) else { throw MongoError(error) }
    }

    /// Clears the collection's read concern in a snapshot. libmongoc then names the concern itself, with the time of the snapshot's first read.
    func applyConcern(to collection: OpaquePointer) {
        guard isSnapshot else { return }
        let none = unsafe mongoc_read_concern_new()
        defer { unsafe mongoc_read_concern_destroy(none) }
        unsafe mongoc_collection_set_read_concern(collection, none)
    }

    /// Begins a transaction; nothing is sent before its first operation.
    func begin() throws(MongoError) {
        var error = bson_error_t()
        guard unsafe mongoc_client_session_start_transaction(pointer, options, &error) else { throw MongoError(error) }
    }

    /// Asks for the commit. Returns nil when it was done, else the error; after an unknown outcome this may be called again.
    func commit() -> MongoError? {
        let reply = Reply()
        var error = bson_error_t()
        guard unsafe !mongoc_client_session_commit_transaction(pointer, reply.pointer, &error) else { return nil }
        return MongoError(error, reply: reply)
    }

    /// Asks the server to abort the transaction. If that fails, the server aborts it after `transactionLifetimeLimitSeconds`.
    func abort() {
        var error = bson_error_t()
        _ = unsafe mongoc_client_session_abort_transaction(pointer, &error)
    }

    /// The session's id as the server knows it: `{id: UUID}`.
    var id: Document? {
        let id = unsafe mongoc_client_session_get_lsid(pointer)
        return try? unsafe id.map { unsafe try Document(copying: $0) }
    }

    /// Lets this session end without a message to its server, which does not answer. No call may follow.
    func forget() {
        // libmongoc destroys a session of an older client generation without a message (mongoc_client_reset, made for forks).
        unsafe mongoc_client_reset(client)
    }
}

/// Sessions whose transaction was left open on a server that did not answer. Such a transaction may hold its documents against other writers
/// for up to a minute, so the next loan of a connection ends it first.
final class AbandonedSessions: Sendable {
    private let ids = Mutex<[Value]>([])

    /// Sessions beyond this many are left to the server, which ends a transaction after `transactionLifetimeLimitSeconds`.
    private static let bound = 1_000

    func add(_ id: Document) {
        ids.withLock { ids in
            if ids.count < Self.bound { ids.append(.document(id)) }
        }
    }

    /// Ends the sessions (`killSessions`). Throws when the server is still away; then a later call ends them.
    func end(through connection: Connection) throws(MongoError) {
        let ended = ids.withLock { ids in
            defer { ids = [] }
            return ids
        }
        guard !ended.isEmpty else { return }
        do {
            _ = try connection.command(["killSessions": .array(ended)])
        } catch  where error.kind == .unavailable {
            ids.withLock { $0 = Array((ended + $0).prefix(Self.bound)) }
            throw error
        } catch {
            // Without the right to end sessions (11601, 13): the server's own limit ends them.
        }
    }
}
