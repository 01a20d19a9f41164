internal import BSON
internal import Mongo

/// Leases: which instance may run a job, and until when. The database's clock alone decides when a term ends, so that the clocks of instances
/// may differ.
package enum Leases {
    static let schema = CollectionSchema(
        name: "job_leases",
        properties: [
            "_id": Property.string, "owner": Property.string, "token": Property.integer, "expires_at": Property.time,
        ],
        required: ["_id", "owner", "token", "expires_at"])

    /// The right to run a job for a term. Its token grows with each change of owner.
    package struct Lease: Equatable, Sendable {
        package let job: String
        package let owner: String
        package let token: Int64
    }

    /// Gives the owner the lease for `seconds` from now, also when it has the lease already. Nil while another owner's term lasts.
    package static func acquire(_ job: String, owner: String, seconds: Int64, _ writing: Writing) throws -> Lease? {
        try create(job, writing)
        let isFreeOrMine: Value = [
            "$or": [["$lt": ["$expires_at", "$$NOW"]], ["$eq": ["$owner", ["$literal": .string(owner)]]]]
        ]
        let isAnother: Value = ["$cond": [["$eq": ["$owner", ["$literal": .string(owner)]]], 0, 1]]
        let update: Document = [
            "$set": [
                "owner": ["$literal": .string(owner)], "token": ["$add": ["$token", isAnother]],
                "expires_at": ["$add": ["$$NOW", .int64(seconds * 1_000)]],
            ]
        ]
        let taken = try writing.findAndModify(
            schema.name, ["_id": .string(job), "$expr": isFreeOrMine], [update], returnNew: true, maxTimeMS: 1_000)
        return try taken.map { Lease(job: job, owner: owner, token: try $0.int64("token")) }
    }

    /// Gives the lease another term. False, without a change, when another owner has got the lease since, even if it has released it.
    package static func renew(_ lease: Lease, seconds: Int64, _ writing: Writing) throws -> Bool {
        let term: Document = ["$set": ["expires_at": ["$add": ["$$NOW", .int64(seconds * 1_000)]]]]
        return try writing.findAndModify(schema.name, lease.document, [term], returnNew: true, maxTimeMS: 1_000) != nil
    }

    /// To be the last write of each transaction that does the job's work. Throws `conflict` when another owner has got the lease.
    package static func fence(_ lease: Lease, in transaction: Transaction) throws {
        let result = try transaction.update(schema.name, lease.document, ["$currentDate": ["touched_at": true]])
        guard result.matched == 1 else { throw StoreError(.conflict, "The lease of \(lease.job) is lost.") }
    }

    /// Ends the term now, if the lease is still this owner's.
    package static func release(_ lease: Lease, _ writing: Writing) throws {
        _ = try writing.update(schema.name, lease.document, ["$set": ["expires_at": .date(milliseconds: 0)]])
    }

    private static func create(_ job: String, _ writing: Writing) throws {
        let free: Document = ["owner": "", "token": 0, "expires_at": .date(milliseconds: 0)]
        do {
            _ = try writing.update(schema.name, ["_id": .string(job)], ["$setOnInsert": .document(free)], upsert: true)
        } catch  where error.kind == .duplicateKey {
            // Another instance was first.
        }
    }
}

extension Leases.Lease {
    /// Matches the stored lease while it is this one.
    var document: Document { ["_id": .string(job), "owner": .string(owner), "token": .int64(token)] }
}
