internal import Metering
package import Service
internal import Store

/// Runs jobs, each under its lease, so that one instance of several works.
package struct JobRunner: Sendable {
    let service: ShopMeter
    let board = JobBoard()

    package init(service: ShopMeter) { self.service = service }

    /// Runs the job if no other instance does, without what waits after failures. Never throws: a job that fails must not stop the others.
    package func turn(of job: Job) async -> JobOutcome {
        let outcome = await outcome(of: job)
        board.note(outcome.ending, of: job.name, at: service.systemTime)
        return outcome
    }

    private func outcome(of job: Job) async -> JobOutcome {
        do {
            guard let report = try await run(job, tryingAll: false) else { return .heldElsewhere(job: job.name) }
            return .done(report)
        } catch is CancellationError {
            return .stopped(job: job.name)
        } catch {
            return .failed(job: job.name, error: error)
        }
    }

    /// Runs the job in every shop, and tries what failed before too. Nil when another instance holds the job's lease.
    package func run(_ job: Job) async throws -> JobReport? { try await run(job, tryingAll: true) }

    private func run(_ job: Job, tryingAll: Bool) async throws -> JobReport? {
        let start = ContinuousClock.now
        return try await withLease(of: job.name) { lease in
            // A state that cannot be read must not stop the job: then everything is tried.
            let before = (try? await service.jobState(of: job.name)) ?? JobState()
            let failures = TurnFailures(JobFailures(before.failures, tryingAll: tryingAll)) { [service] in service.systemTime }
            do {
                let counts = try await walk(job, under: lease, failures)
                await keep(JobState(ranAt: service.systemTime, counts: counts, failures: failures.list), of: job, under: lease)
                return report(of: job, counts, failures, since: start)
            } catch {
                await keep(
                    JobState(ranAt: before.ranAt, counts: before.counts, failures: failures.list), of: job, under: lease)
                throw error
            }
        }
    }

    /// Does the job's work in one shop after another of those where something is due, and sums up what each counts. A shop that fails is noted and left.
    func walk(_ job: Job, under lease: JobLease, _ failures: TurnFailures) async throws -> [String: Int] {
        var counts = Dictionary(uniqueKeysWithValues: (job.counts + ["shops"]).map { ($0, 0) })
        let pace = TurnPace()
        try await service.forEachShop(asking: job.due) { tenant, isDue in
            guard !failures.waits(tenant.shop) else { return }
            counts["shops", default: 0] += 1
            guard isDue else { return failures.finish(tenant.shop) }
            let done = try await work(job, in: tenant, under: lease, failures, pace)
            counts.merge(done, uniquingKeysWith: +)
        }
        counts["failed"] = failures.count
        return counts
    }

    private func work(
        _ job: Job, in tenant: Tenant, under lease: JobLease, _ failures: TurnFailures, _ pace: TurnPace
    ) async throws -> [String: Int] {
        var turn = ShopTurn(service: service, tenant: tenant, now: service.systemTime, lease: lease, failures: failures, pace: pace)
        defer { failures.finish(tenant.shop) }
        do {
            turn = ShopTurn(
                service: service, tenant: tenant, now: try await service.now(of: tenant), lease: lease, failures: failures, pace: pace)
            return try await job.work(turn)
        } catch {
            try await turn.goOn(after: error)
            try failures.note(error, of: JobFailure.Subject(shop: tenant.shop, user: nil))
            return [:]
        }
    }

    /// Where the database does not take it, the next turn's is taken.
    private func keep(_ state: JobState, of job: Job, under lease: JobLease) async {
        board.set(stuck: state.failures.count, of: job.name)
        try? await service.keepJobState(state, under: lease.lease)
    }

    private func report(
        of job: Job, _ counts: [String: Int], _ failures: TurnFailures, since start: ContinuousClock.Instant
    ) -> JobReport {
        let elapsed = (ContinuousClock.now - start).components
        return JobReport(
            job: job.name, counts: counts, milliseconds: elapsed.seconds * 1_000 + elapsed.attoseconds / 1_000_000_000_000_000,
            failures: failures.logged)
    }
}
