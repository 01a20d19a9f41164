internal import BSON
internal import CMongoc

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

    /// In a snapshot libmongoc names the read concern itself, with the time of the first read: unless the collection has one of its own.
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

    /// Asks for the commit; again on the same session if its outcome was unknown. Gives the error instead of throwing it.
    func commit() -> MongoError? {
        let reply = Reply()
        var error = bson_error_t()
        guard unsafe !mongoc_client_session_commit_transaction(pointer, reply.pointer, &error) else { return nil }
        return MongoError(error, reply: reply)
    }

    /// Tells the server to forget the transaction. Should that fail, the server will by itself after a minute.
    func abort() {
        var error = bson_error_t()
        _ = unsafe mongoc_client_session_abort_transaction(pointer, &error)
    }

    /// The session's id as the server knows it: `{id: UUID}`.
    var id: Document? {
        let id = unsafe mongoc_client_session_get_lsid(pointer)
        return try? unsafe id.map { unsafe try Document(copying: $0) }
    }

    /// Keeps the session's end from waiting for a server that does not answer. The session is of no use afterwards.
    func forget() {
        // A session of an older generation is destroyed without a word to the server (mongoc_client_reset, made for forks).
        unsafe mongoc_client_reset(client)
    }
}
