internal import BSON

/// A connection whose every read sees the database as it was at one instant, for as long as the server keeps that
/// (`minSnapshotHistoryWindowInSeconds`, five minutes). It has no transaction's limit on its lifetime, and holds nobody up. It cannot write.
package final class Snapshot: Connection {
    private let session: Session

    init(on connection: Connection, session: Session) {
        self.session = session
        super.init(borrowing: connection, session: session)
    }

    override var operationSession: Session? { session }
}

extension Connection {
    /// Lends a snapshot, taken by its first read.
    package final func snapshot<R>(_ body: (Snapshot) throws -> R) throws -> R {
        try withSnapshotSession { session in
            let snapshot = Snapshot(on: self, session: session)
            defer { snapshot.giveBack() }
            return try body(snapshot)
        }
    }
}
