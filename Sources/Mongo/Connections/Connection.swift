internal import BSON
internal import CMongoc

/// A client of the pool, lent to one closure on one thread. What is lent must not escape: afterwards every call throws `.misuse`.
///
/// All calls block. Outside a transaction each write stands alone; single-document writes and reads are retried once by libmongoc.
@safe package class Connection {
    private let client: OpaquePointer
    let database: String
    private let writeTimeout: Duration
    private let abandoned: AbandonedSessions
    private var isUsable = true
    private var session: Session?

    @unsafe init(client: OpaquePointer, database: String, writeTimeout: Duration, abandoned: AbandonedSessions) {
        unsafe self.client = client
        self.database = database
        self.writeTimeout = writeTimeout
        self.abandoned = abandoned
    }

    /// The connection of a transaction: the same client, bound to the session.
    init(borrowing lender: Connection, session: Session) {
        unsafe client = lender.client
        database = lender.database
        writeTimeout = lender.writeTimeout
        abandoned = lender.abandoned
        self.session = session
    }

    /// Ends the loan; a session must end before its client goes back to the pool.
    final func giveBack() {
        isUsable = false
        session = nil
    }

    /// Sees every error of the driver before the caller does.
    func note(_ error: MongoError) {}

    /// The session that operations belong to: none, outside a transaction.
    var operationSession: Session? { nil }

    /// The client, while it may be used.
    final func usableClient() throws(MongoError) -> OpaquePointer {
        guard isUsable else { throw MongoError(.misuse, "the connection is used outside its loan, or beside its open transaction") }
        return unsafe client
    }

    /// Runs the body with the transactions' session, made when it is first needed; meanwhile this connection refuses every call,
    /// so that no write can slip past the transaction.
    final func withSession<R>(_ body: (Session) throws -> R) throws -> R {
        let session = try session ?? newSession()
        self.session = session
        return try lending(session, to: body)
    }

    /// Runs the body with a session of its own for reading at one instant; meanwhile this connection refuses every call.
    final func withSnapshotSession<R>(_ body: (Session) throws -> R) throws -> R {
        try lending(newSession(isSnapshot: true), to: body)
    }

    private func newSession(isSnapshot: Bool = false) throws(MongoError) -> Session {
        unsafe try Session(client: usableClient(), writeTimeout: writeTimeout, isSnapshot: isSnapshot)
    }

    private func lending<R>(_ session: Session, to body: (Session) throws -> R) throws -> R {
        _ = unsafe try usableClient()
        guard operationSession == nil else { throw MongoError(.misuse, "a transaction or snapshot inside another") }
        isUsable = false
        defer { isUsable = true }
        return try body(session)
    }

    /// Gives up a session whose server does not answer: its transaction is ended when the server is back.
    final func abandon(_ session: Session) {
        if let id = session.id { abandoned.add(id) }
        session.forget()
        self.session = nil
    }

    /// Lends the collection's handle, which inherits the concerns of the client.
    final func withCollection<R: ~Copyable>(_ name: String, _ body: (OpaquePointer) throws(MongoError) -> R) throws(MongoError) -> R {
        let client = unsafe try usableClient()
        guard !name.isEmpty, !name.utf8.contains(0) else { throw MongoError(.misuse, "a collection without a name") }
        let collection = unsafe mongoc_client_get_collection(client, database, name)
        defer { unsafe mongoc_collection_destroy(collection) }
        guard let collection = unsafe collection else { throw MongoError(.misuse, "no collection handle") }
        unsafe operationSession?.applyConcern(to: collection)
        return unsafe try body(collection)
    }

    /// Options for a libmongoc call. Inside a transaction they always name its session.
    final func options(_ options: Document = [:]) throws(MongoError) -> NativeDocument {
        let native = try encoded(options)
        try operationSession?.append(to: native)
        return native
    }

    /// Calls a function of libmongoc that gives a reply, and throws what it reports.
    final func call(
        _ function: (_ reply: OpaquePointer, _ error: UnsafeMutablePointer<bson_error_t>) -> Bool
    ) throws(MongoError) -> Document {
        let reply = Reply()
        var error = bson_error_t()
        guard unsafe function(reply.pointer, &error) else { throw noted(MongoError(error, reply: reply)) }
        return try reply.document()
    }

    final func noted(_ error: MongoError) -> MongoError {
        note(error)
        return error
    }
}

func encoded(_ document: Document) throws(MongoError) -> NativeDocument {
    do { return try NativeDocument(document) } catch { throw MongoError(error) }
}

func encoded(_ values: [Value]) throws(MongoError) -> NativeDocument {
    do { return try NativeDocument(values) } catch { throw MongoError(error) }
}

func encoded(_ documents: [Document]) throws(MongoError) -> NativeDocuments {
    do { return try NativeDocuments(documents) } catch { throw MongoError(error) }
}
