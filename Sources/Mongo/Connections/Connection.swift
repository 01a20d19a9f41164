/// A client of the pool that reads and writes, lent to one closure on one thread. After the loan every call throws `.misuse`.
///
/// All calls block. Outside a transaction each write stands alone; libmongoc retries a write of a single document once.
package class Connection: Reader {
    private let abandoned: AbandonedSessions
    /// The session of this loan's transactions, made for the first of them. It must end before the client goes back to the pool.
    private var transactionSession: Session?

    @unsafe init(
        client: OpaquePointer, database: String, deadline: ContinuousClock.Instant?, limits: OperationLimits, abandoned: AbandonedSessions
    ) {
        self.abandoned = abandoned
        unsafe super.init(client: client, database: database, deadline: deadline, limits: limits)
    }

    /// The connection of a transaction: the same client, whose operations the subclass binds to the transaction's session.
    init(borrowing lender: Connection) {
        abandoned = lender.abandoned
        super.init(borrowing: lender)
    }

    override func giveBack() {
        super.giveBack()
        transactionSession = nil
    }

    /// Runs the body with the session of this loan's transactions. Meanwhile this connection refuses every call.
    final func withTransactionSession<R>(_ body: (Session) throws -> R) throws -> R {
        let session = try transactionSession ?? newSession()
        transactionSession = session
        return try lending(session, to: body)
    }

    /// Gives up a session whose server does not answer. Its transaction is ended when the server is back.
    final func abandon(_ session: Session) {
        if let id = session.id { abandoned.add(id) }
        session.forget()
        transactionSession = nil
    }
}
