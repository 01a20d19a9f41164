internal import Metering
package import Service

/// Runs jobs, each under its lease, so that one instance of several works.
package struct JobRunner: Sendable {
    let service: ShopMeter

    package init(service: ShopMeter) { self.service = service }

    /// Runs the job if no other instance does. Never throws: a job that fails must not stop the others.
    package func turn(of job: Job) async -> JobOutcome {
        do {
            guard let report = try await run(job) else { return .heldElsewhere(job: job.name) }
            return .done(report)
        } catch {
            return .failed(job: job.name, error: error)
        }
    }

    /// Runs the job in every shop. Nil when another instance holds the job's lease.
    package func run(_ job: Job) async throws -> JobReport? {
        let start = ContinuousClock.now
        guard let counts = try await withLease(of: job.name, { lease in try await walk(job, under: lease) }) else { return nil }
        let elapsed = ContinuousClock.now - start
        return JobReport(
            job: job.name, counts: counts,
            milliseconds: elapsed.components.seconds * 1_000 + elapsed.components.attoseconds / 1_000_000_000_000_000)
    }

    /// Does the job's work in one shop after another, and sums up what each counts.
    func walk(_ job: Job, under lease: JobLease) async throws -> [String: Int] {
        var counts = Dictionary(uniqueKeysWithValues: (job.counts + ["shops"]).map { ($0, 0) })
        try await service.forEachShop { tenant in
            let turn = ShopTurn(service: service, tenant: tenant, now: try await service.now(of: tenant), lease: lease)
            counts.merge(try await job.work(turn), uniquingKeysWith: +)
            counts["shops", default: 0] += 1
        }
        return counts
    }
}
