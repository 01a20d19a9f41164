/// A connection whose every operation belongs to one transaction: no call can forget the session.
package final class Transaction: Connection {
    /// Nil after the loan: a session must end before its client goes back to the pool, whoever still holds this object.
    private var session: Session?
    /// The first error of the driver in this transaction. After it the server has nothing to commit, even if the body went on.
    private(set) var failure: MongoError?

    init(on connection: Connection, session: Session) {
        self.session = session
        super.init(borrowing: connection)
    }

    override var operationSession: Session? { session }

    override func giveBack() {
        super.giveBack()
        session = nil
    }

    override func note(_ error: MongoError) {
        failure = failure ?? error
    }
}

extension Connection {
    /// Runs the body in a transaction (snapshot reads; majority and journal for the commit) and commits it.
    ///
    /// The body may run several times and must have no effect but through its `Transaction`. It runs again, after a jittered pause, when the
    /// server says that this may help. An error that the body throws itself aborts the transaction and is rethrown. The commit is asked for
    /// again while its outcome is unknown. At the connection's deadline, or `limit` from now, the last error is thrown, or `.commitUnknown`.
    ///
    /// `retryingConflicts`: whether it waits for another transaction that holds a document. If not, that is a `.writeConflict` at once.
    package final func transaction<R>(
        deadline limit: Duration = .seconds(10), retryingConflicts: Bool = true, _ body: (Transaction) throws -> R
    ) throws -> R {
        try withTransactionSession { session in
            let latest = ContinuousClock.now + limit
            return try RetryLoop(
                connection: self, session: session, deadline: min(latest, deadline ?? latest), retriesConflicts: retryingConflicts
            ).run(body)
        }
    }
}
