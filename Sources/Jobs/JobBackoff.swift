/// When a job that failed is tried again: after 10 s, 20 s, 40 s, and so on up to 10 minutes. A success forgets it.
struct JobBackoff {
    private var failures: [JobName: (count: Int, at: ContinuousClock.Instant)] = [:]

    func admits(_ job: JobName, at now: ContinuousClock.Instant) -> Bool {
        guard let (count, at) = failures[job] else { return true }
        return now - at >= min(.seconds(600), .seconds(10) * (1 << min(count - 1, 10)))
    }

    mutating func note(_ outcome: JobOutcome, of job: JobName, at now: ContinuousClock.Instant) {
        if case .failed = outcome {
            failures[job] = ((failures[job]?.count ?? 0) + 1, now)
        } else {
            failures[job] = nil
        }
    }
}
