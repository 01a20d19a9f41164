/// How long a job that failed waits for its next turn: 10 s after the first failure, twice as long after each further one, at most
/// 10 minutes. A turn that does not fail ends the waiting.
struct JobBackoff {
    private var failures: [String: (count: Int, at: ContinuousClock.Instant)] = [:]

    func admits(_ job: Job, at now: ContinuousClock.Instant) -> Bool {
        guard let (count, at) = failures[job.name] else { return true }
        return now - at >= min(.seconds(600), .seconds(10) * (1 << min(count - 1, 10)))
    }

    mutating func note(_ outcome: JobOutcome, of job: Job, at now: ContinuousClock.Instant) {
        if case .failed = outcome {
            failures[job.name] = ((failures[job.name]?.count ?? 0) + 1, now)
        } else {
            failures[job.name] = nil
        }
    }
}
