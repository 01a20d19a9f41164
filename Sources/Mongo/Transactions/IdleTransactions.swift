internal import BSON

/// Transactions that nobody goes on with: of a process that was killed or stands still, or of operations that a server did when it thawed, long after
/// their client had given up. Each holds the documents that it wrote against all other writers, until `transactionLifetimeLimitSeconds`.
extension Connection {
    /// Ends the open transactions of this user in which nothing was done for longer than `limit` in all, and which connections of that
    /// application name began, of this process or of others. Returns how many.
    ///
    /// A process that lives and is ended here by mistake gets a transient error, and runs its transaction again. Needs no right but the own sessions'
    /// (`$currentOp` and `killSessions`); through `mongos` the right `inprog`.
    package final func endIdleTransactions(of appName: String, after limit: Duration) throws(MongoError) -> Int {
        let sessions = try idleSessions(of: appName, after: limit)
        guard !sessions.isEmpty else { return 0 }
        _ = try command(["killSessions": .array(sessions)])
        return sessions.count
    }

    private func idleSessions(of appName: String, after limit: Duration) throws(MongoError) -> [Value] {
        let idle: Document = [
            "type": "idleSession", "appName": .string(appName),
            "transaction.timeInactiveMicros": ["$gt": .int64(Int64(limit / .microseconds(1)))],
        ]
        let pipeline: [Value] = [
            ["$currentOp": ["idleSessions": true, "idleConnections": false]], ["$match": .document(idle)], ["$limit": .int64(Self.bound)],
            ["$project": ["lsid.id": 1]],
        ]
        let reply = try command(
            ["aggregate": 1, "pipeline": .array(pipeline), "cursor": ["batchSize": .int64(Self.bound)]], on: "admin")
        return (reply["cursor"]?.asDocument?["firstBatch"]?.asArray ?? []).compactMap { session in
            session.asDocument?["lsid"]?.asDocument?["id"].map { ["id": $0] }
        }
    }

    /// The maximum of transactions that are ended together.
    private static let bound: Int64 = 1_000
}
