internal import BSON
internal import CMongoc

/// A client of the pool that only reads, lent to one closure on one thread. After the loan every call throws `.misuse`.
///
/// All calls block. Reads are retried once by libmongoc, unless they belong to a transaction.
@safe package class Reader {
    fileprivate let client: OpaquePointer
    let database: String
    /// When whoever got the loan wants the answer; nil when that may take as long as it takes.
    package let deadline: ContinuousClock.Instant?
    let limits: OperationLimits
    private var isUsable = true

    @unsafe init(client: OpaquePointer, database: String, deadline: ContinuousClock.Instant?, limits: OperationLimits) {
        unsafe self.client = client
        self.database = database
        self.deadline = deadline
        self.limits = limits
    }

    /// A second view of the lender's client, for the operations of one session.
    init(borrowing lender: Reader) {
        unsafe client = lender.client
        database = lender.database
        deadline = lender.deadline
        limits = lender.limits
    }

    /// Asks the server for an answer (`ping`).
    package final func ping() throws(MongoError) { _ = try reply(to: ["ping": 1, "maxTimeMS": try timeLimit()]) }

    /// Ends the loan.
    func giveBack() { isUsable = false }

    /// Is told of every error of the driver before the caller is.
    func note(_ error: MongoError) {}

    /// The session that this reader's operations belong to; nil outside a transaction or snapshot.
    var operationSession: Session? { nil }

    /// The client. Throws `.misuse` after the loan, and while a transaction or snapshot of this reader is open.
    final func usableClient() throws(MongoError) -> OpaquePointer {
        guard isUsable else { throw MongoError(.misuse, "the connection is used outside its loan, or beside its open transaction") }
        return unsafe client
    }

    final func newSession(isSnapshot: Bool = false) throws(MongoError) -> Session {
        unsafe try Session(client: usableClient(), writeTimeout: limits.write, isSnapshot: isSnapshot)
    }

    /// Runs the body with the session. Meanwhile this reader refuses every call, so that no operation can slip past the session.
    final func lending<R>(_ session: Session, to body: (Session) throws -> R) throws -> R {
        _ = unsafe try usableClient()
        guard operationSession == nil else { throw MongoError(.misuse, "a transaction or snapshot inside another") }
        isUsable = false
        defer { isUsable = true }
        return try body(session)
    }
}

/// A reader that sees the database as it was at one instant, for as long as the server keeps that
/// (`minSnapshotHistoryWindowInSeconds`, five minutes). Unlike a transaction it may last that long, and no writer waits for it.
package final class Snapshot: Reader {
    /// Nil after the loan: a session must end before its client goes back to the pool, whoever still holds this object.
    private var session: Session?

    fileprivate init(of lender: Reader, session: Session) {
        self.session = session
        super.init(borrowing: lender)
    }

    override var operationSession: Session? { session }

    override func giveBack() {
        super.giveBack()
        session = nil
    }
}

extension Reader {
    /// Lends a snapshot; its first read decides the instant.
    package final func snapshot<R>(_ body: (Snapshot) throws -> R) throws -> R {
        try lending(newSession(isSnapshot: true)) { session in
            let snapshot = Snapshot(of: self, session: session)
            defer { snapshot.giveBack() }
            return try body(snapshot)
        }
    }
}

/// How an operation calls libmongoc.
extension Reader {
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

    /// Options for a libmongoc call. Inside a transaction or snapshot they always name its session.
    final func options(_ options: Document = [:]) throws(MongoError) -> NativeDocument {
        let native = try encoded(options)
        try operationSession?.append(to: native)
        return native
    }

    /// `maxTimeMS` of a read that begins now. Throws `.timeout` when the deadline is over.
    final func timeLimit() throws(MongoError) -> Value {
        let left = deadline.map { min(ContinuousClock.now.duration(to: $0), limits.read) } ?? limits.read
        guard left > .zero else { throw MongoError(.timeout, "the caller's time is over") }
        return .int64(Int64(left.milliseconds))
    }

    /// Runs a command on this database, unless another is named (`mongoc_client_command_with_opts`). Not retried.
    final func reply(to command: Document, on database: String? = nil) throws(MongoError) -> Document {
        let client = unsafe try usableClient()
        let command = try encoded(command)
        let options = try options()
        let name = database ?? self.database
        return try unsafe call {
            unsafe mongoc_client_command_with_opts(client, name, command.pointer, nil, options.pointer, $0, $1)
        }
    }

    /// Calls a function of libmongoc that gives a reply, and throws the error that the function reports.
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
