package import BSON
internal import Dispatch
internal import Foundation
package import Mongo

/// A document that somebody's open transaction has changed: every other writer of it meets a write conflict until the transaction is over.
///
/// `as`: the application name of the connection that holds it; nil for that of the database's own connections.
/// Returns what `body` does, after the transaction was given up.
package func holding<R>(
    _ id: Value, of collection: String, in database: Database, as appName: String? = "somebody", _ body: () async throws -> R
) async throws -> R {
    let holder = try Holder(database.name, appName ?? database.appName)
    defer { holder.letGo() }
    try await holder.hold(id, of: collection)
    return try await body()
}

/// Holds a document on a thread of its own, as a connection is for one thread.
private final class Holder: Sendable {
    private struct GivenUp: Error {}
    private let database: Database
    private let mayGo = DispatchSemaphore(value: 0)
    private let isGone = DispatchSemaphore(value: 0)

    init(_ name: String, _ appName: String) throws {
        var options = DatabaseOptions()
        options.appName = appName
        database = try Database(uri: TestDatabase.uri(), name: name, options: options)
    }

    /// The server ends what a transaction holds at its time, which is counted from the limit when it begins: this one outlasts every test, on however
    /// busy a machine, and those of others end as ever.
    func hold(_ id: Value, of collection: String) async throws {
        try await Self.gate.pass {
            try Self.limitTransactions(seconds: 300)
            defer { try? Self.limitTransactions(seconds: 5) }
            try await begin(id, of: collection)
        }
    }

    private static let gate = Gate(count: 1)

    /// The limit of transactions that begin from now on. Five seconds is the embedded server's own.
    private static func limitTransactions(seconds: Int32) throws {
        let admin = try Database(uri: TestDatabase.uri(), name: "admin")
        defer { admin.shutdown() }
        _ = try admin.withConnection { try $0.command(["setParameter": 1, "transactionLifetimeLimitSeconds": .int32(seconds)]) }
    }

    private func begin(_ id: Value, of collection: String) async throws {
        try await withCheckedThrowingContinuation { (held: CheckedContinuation<Void, any Error>) in
            Thread.detachNewThread { [self] in
                var isHeld = false
                let outcome = Result {
                    try database.withConnection { connection in
                        try connection.transaction { transaction in
                            // A transaction that the server has ended is begun again; nothing is held a second time.
                            if isHeld { throw GivenUp() }
                            let result = try transaction.update(collection, ["_id": id], ["$set": ["held": true]])
                            guard result.matched == 1 else { throw GivenUp() }
                            isHeld = true
                            held.resume()
                            mayGo.wait()
                            throw GivenUp()
                        }
                    }
                }
                if !isHeld, case .failure(let error) = outcome { held.resume(throwing: error) }
                isGone.signal()
            }
        }
    }

    func letGo() {
        mayGo.signal()
        isGone.wait()
        database.shutdown()
    }
}
