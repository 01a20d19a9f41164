internal import Crypto
internal import Store
internal import Synchronization

/// A job's lease while it works: renewed on the way, and given up on any doubt.
package final class JobLease: Sendable {
    /// The term of a lease. A unit of work takes far less.
    static let seconds: Int64 = 30

    /// Names this process: a new one at each start, so that a revived process is another owner.
    static let owner = "\(ContinuousClock.now)/\(UInt64.random(in: 0 ... .max))"

    private let lease: Leases.Lease
    private let renewedAt: Mutex<ContinuousClock.Instant>
    private let store: MeterStore

    init(_ lease: Leases.Lease, askedAt: ContinuousClock.Instant, store: MeterStore) {
        self.lease = lease
        renewedAt = Mutex(askedAt)
        self.store = store
    }

    /// The lease, renewed once a third of its term is over. Throws when it is another's, or when it cannot be known whose it is.
    func held() async throws -> Leases.Lease {
        let asked = ContinuousClock.now
        guard asked - renewedAt.withLock({ $0 }) > .seconds(Self.seconds / 3) else { return lease }
        guard try await store.write({ [lease] in try Leases.renew(lease, seconds: Self.seconds, $0) }) else {
            throw ServiceError.conflict("The lease of \(lease.job) was lost.")
        }
        renewedAt.withLock { $0 = asked }
        return lease
    }

    func release() async {
        // An unreachable database ends the term by its own clock.
        try? await store.write { [lease] in try Leases.release(lease, $0) }
    }
}

extension ShopMeter {
    /// Runs `body` as the only instance that does; nil when another one is at it.
    package func withLease<Result>(of job: String, _ body: (JobLease) async throws -> Result) async throws -> Result? {
        let asked = ContinuousClock.now
        let taken = try await write { try Leases.acquire(job, owner: JobLease.owner, seconds: JobLease.seconds, $0) }
        guard let taken else { return nil }
        let lease = JobLease(taken, askedAt: asked, store: store)
        do {
            let result = try await body(lease)
            await lease.release()
            return result
        } catch {
            await lease.release()
            throw error
        }
    }
}
