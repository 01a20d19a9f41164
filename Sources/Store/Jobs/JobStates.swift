internal import BSON
package import Metering
internal import Mongo

/// What a job's last turn did, and the users and shops whose part of the job fails and waits. It is stored in the document of the job's lease,
/// so that every instance knows it.
package struct JobState: Equatable, Sendable {
    /// When the job's last turn ended; nil before the first.
    package var ranAt: Timestamp?
    package var counts: [String: Int]
    package var failures: [JobFailure]
    /// The owner of the lease; nil while nobody has it.
    package var owner: String?

    package init(ranAt: Timestamp? = nil, counts: [String: Int] = [:], failures: [JobFailure] = [], owner: String? = nil) {
        self.ranAt = ranAt
        self.counts = counts
        self.failures = failures
        self.owner = owner
    }
}

package enum JobStates {
    /// The states of those jobs that were ever begun, by their names.
    package static func all(_ reading: Reading) throws -> [String: JobState] {
        let owner: Value = ["$cond": [["$gt": ["$expires_at", "$$NOW"]], "$owner", .null]]
        let fields: Document = ["owner": owner, "ran_at": 1, "counts": 1, "failed": 1]
        let found = try reading.find(Leases.schema.name, [:], projection: fields).map { (try $0.string("_id"), try JobState($0)) }
        return Dictionary(found, uniquingKeysWith: { first, _ in first })
    }

    package static func find(_ job: String, _ reading: Reading) throws -> JobState? {
        try reading.findOne(Leases.schema.name, ["_id": .string(job)]).map { try JobState($0) }
    }

    /// Stores the state after a turn, if the lease is still its owner's.
    package static func keep(_ state: JobState, under lease: Leases.Lease, _ writing: Writing) throws {
        _ = try writing.update(Leases.schema.name, lease.document, ["$set": .document(state.document)])
    }
}

extension JobState {
    fileprivate init(_ document: Document) throws {
        let counts = try document.optionalDocument("counts") ?? [:]
        self.init(
            ranAt: try document.optionalTime("ran_at"),
            counts: Dictionary(try counts.map { ($0.key, Int(try counts.int64($0.key))) }, uniquingKeysWith: { first, _ in first }),
            failures: document["failed"] == nil ? [] : try document.documents("failed").map { try JobFailure($0) },
            owner: try document.optionalString("owner"))
    }

    /// The fields of the state. The owner is a field of the lease.
    fileprivate var document: Document {
        [
            "ran_at": .time(ranAt),
            "counts": .document(counts.sorted { $0.key < $1.key }.map { ($0.key, .int64(Int64($0.value))) }),
            "failed": .array(failures.map { .document($0.document) }),
        ]
    }
}

extension JobFailure {
    fileprivate init(_ document: Document) throws {
        self.init(
            subject: Subject(
                shop: try document.id("shop_id"), user: try document.optionalString("user_id").map { UserID(stored: $0) }),
            count: Int(try document.int64("count")), since: try document.time("since"), next: try document.time("next"),
            error: try document.string("error"))
    }

    fileprivate var document: Document {
        [
            "shop_id": .id(subject.shop), "user_id": .text(subject.user?.rawValue), "count": .int64(Int64(count)),
            "since": .time(since), "next": .time(next), "error": .string(error),
        ]
    }
}
