package import Service

/// The jobs that there are.
package enum JobName: String, CaseIterable, Sendable {
    /// Closes the periods that are due.
    case rollover
    /// Ends the holds that are past their time.
    case expiry
    /// Finds the invoices whose day has passed without a payment.
    case overdue
    /// Keeps the numbers of each day that is over.
    case analytics
}

/// Runs a job under its lease, so that of several instances one works.
package struct JobRunner: Sendable {
    private let service: ShopMeter

    package init(service: ShopMeter) { self.service = service }

    /// Runs the job if no other instance does. Never throws: a job that fails must not stop the others.
    package func turn(of job: JobName) async -> JobOutcome {
        do {
            guard let report = try await run(job) else { return .heldElsewhere(job: job.rawValue) }
            return .done(report)
        } catch {
            return .failed(job: job.rawValue, error: error)
        }
    }

    /// Nil when another instance holds the job's lease.
    package func run(_ job: JobName) async throws -> JobReport? {
        let start = ContinuousClock.now
        guard let counts = try await service.withLease(of: job.rawValue, { lease in try await work(on: job, under: lease) }) else {
            return nil
        }
        let elapsed = ContinuousClock.now - start
        return JobReport(
            job: job.rawValue, counts: counts,
            milliseconds: elapsed.components.seconds * 1_000 + elapsed.components.attoseconds / 1_000_000_000_000_000)
    }

    private func work(on job: JobName, under lease: JobLease) async throws -> [String: Int] {
        switch job {
        case .rollover:
            let done = try await service.closeDuePeriods(under: lease)
            return ["periods_closed": done.periods, "users": done.users, "quota_months_closed": done.quotaMonths, "shops": done.shops]
        case .analytics:
            let done = try await service.keepAnalytics(under: lease)
            return ["days_kept": done.count, "shops": done.shops]
        case .expiry:
            let done = try await service.expireReservations(under: lease)
            return ["reservations_expired": done.count, "shops": done.shops]
        case .overdue:
            let done = try await service.fallDueInvoices(under: lease)
            return ["invoices_overdue": done.count, "shops": done.shops]
        }
    }
}
