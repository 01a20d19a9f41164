package import Metering
package import Store

/// The right to do a job's work, which one instance of several has for a term. The database's clock alone decides when a term ends.
extension ShopMeter {
    /// Takes the job's lease for a term of `seconds`; an owner that has it already begins a new term. Nil while another owner's term lasts. A
    /// transaction that an owner who was killed left open is ended first, as it may hold the lease.
    package func takeLease(of job: String, owner: String, seconds: Int64) async throws -> Leases.Lease? {
        await store.endIdleTransactions()
        return try await write { try Leases.acquire(job, owner: owner, seconds: seconds, $0) }
    }

    /// Begins a new term of `seconds`. False when the lease went to another owner since it was taken.
    package func renewLease(_ lease: Leases.Lease, seconds: Int64) async throws -> Bool {
        try await store.write { try Leases.renew(lease, seconds: seconds, $0) }
    }

    /// Ends the term now, if the lease did not go to another owner.
    package func releaseLease(_ lease: Leases.Lease) async throws {
        try await store.write { try Leases.release(lease, $0) }
    }
}

/// How jobs stand.
extension ShopMeter {
    /// The system's time, which no test shop's clock moves.
    package var systemTime: Timestamp { clock.now() }

    /// The states of those jobs that were ever begun, by their names.
    package func jobStates() async throws -> [String: JobState] {
        try await read { try JobStates.all($0) }
    }

    package func jobState(of job: String) async throws -> JobState {
        try await read { try JobStates.find(job, $0) } ?? JobState()
    }

    /// Keeps how a job stands, if the lease is still its owner's.
    package func keepJobState(_ state: JobState, under lease: Leases.Lease) async throws {
        try await write { try JobStates.keep(state, under: lease, $0) }
    }
}
