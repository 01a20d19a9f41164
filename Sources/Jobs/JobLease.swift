internal import Glibc
internal import Service
internal import Store
internal import Synchronization

/// The lease of a job that works: renewed on the way, and given up on any doubt.
final class JobLease: Sendable {
    /// The term of a lease, in seconds. One transaction takes far less.
    static let seconds: Int64 = 30

    /// Names this process as an owner of leases. Each start has a new name, so that a process started again is another owner.
    static let owner = "process \(getpid()), start \(UInt64.random(in: 0 ... .max))"

    let lease: Leases.Lease
    private let renewedAt: Mutex<ContinuousClock.Instant>
    private let service: ShopMeter

    init(_ lease: Leases.Lease, askedAt: ContinuousClock.Instant, service: ShopMeter) {
        self.lease = lease
        renewedAt = Mutex(askedAt)
        self.service = service
    }

    /// The lease, renewed when a third of its term is over. Throws `conflict` when another owner has it, and the error of the renewal when the
    /// database does not say whose it is.
    func held() async throws -> Leases.Lease {
        let asked = ContinuousClock.now
        guard asked - renewedAt.withLock({ $0 }) > .seconds(Self.seconds / 3) else { return lease }
        try await renew(at: asked)
        return lease
    }

    /// Returns when the lease is ours just now and the database answers; throws as `held` does.
    func confirm() async throws { try await renew(at: .now) }

    private func renew(at asked: ContinuousClock.Instant) async throws {
        guard try await service.renewLease(lease, seconds: Self.seconds) else {
            throw ServiceError.conflict("The lease of \(lease.job) was lost.")
        }
        renewedAt.withLock { $0 = asked }
    }

    func release() async {
        // An unreachable database ends the term by its own clock.
        try? await service.releaseLease(lease)
    }
}

extension JobRunner {
    /// Runs `body` under the job's lease, and gives the lease back afterwards. Nil when another instance holds it.
    func withLease<Result>(of job: String, _ body: (JobLease) async throws -> Result) async throws -> Result? {
        let asked = ContinuousClock.now
        guard let taken = try await service.takeLease(of: job, owner: JobLease.owner, seconds: JobLease.seconds) else { return nil }
        let lease = JobLease(taken, askedAt: asked, service: service)
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
