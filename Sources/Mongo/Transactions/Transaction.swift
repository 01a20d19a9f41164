internal import BSON

/// A connection whose every operation belongs to one transaction: there is no way to forget the session.
package final class Transaction: Connection {
    private let transactionSession: Session
    /// The first error of the driver in this transaction. After it the server has nothing to commit, even if the body went on.
    private(set) var failure: MongoError?

    init(on connection: Connection, session: Session) {
        transactionSession = session
        super.init(borrowing: connection, session: session)
    }

    override var operationSession: Session? { transactionSession }

    override func note(_ error: MongoError) {
        failure = failure ?? error
    }
}

extension Connection {
    /// Runs the body in a transaction (snapshot reads; majority and journal for the commit) and commits it.
    ///
    /// The body may run several times and must have no effect but through its `Transaction`. It runs again, after a jittered pause, when the
    /// server says that this may help; what it throws itself aborts and is rethrown. The commit is asked for again while its outcome is
    /// unknown. At the deadline the last error is thrown, or `.commitUnknown`.
    package final func transaction<R>(deadline: Duration = .seconds(10), _ body: (Transaction) throws -> R) throws -> R {
        try withSession { session in
            let attempts = TransactionAttempts(connection: self, session: session, deadline: .now + deadline)
            return try attempts.run(body)
        }
    }
}
