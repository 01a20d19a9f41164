internal import Dispatch
internal import Synchronization

/// Runs every job at each tick of one timer. A job that still works at a tick misses it, and delays no other job.
package final class JobScheduler: Sendable {
    private let runner: JobRunner
    private let observe: @Sendable (JobOutcome) -> Void
    private let queue = DispatchQueue(label: "shopmeter.jobs")
    private let timer = Mutex<(any DispatchSourceTimer)?>(nil)
    private let turns = Mutex<[String: Task<Void, Never>]>([:])
    private let backoff = Mutex(JobBackoff())

    /// - Parameter observe: told how each turn ended, for the log.
    package init(runner: JobRunner, observe: @escaping @Sendable (JobOutcome) -> Void) {
        self.runner = runner
        self.observe = observe
    }

    /// The first tick comes after a second, the others every `seconds`.
    package func start(every seconds: Int) {
        timer.withLock { timer in
            // Made here, as a source that is released before its activation traps.
            let source = DispatchSource.makeTimerSource(queue: queue)
            source.schedule(deadline: .now() + .seconds(1), repeating: .seconds(seconds), leeway: .milliseconds(100))
            source.setEventHandler { [self] in tick() }
            source.activate()
            timer = source
        }
    }

    /// Begins no further turn, and returns when those under way are over.
    package func stop() async {
        timer.withLock { $0?.cancel() }
        for turn in turns.withLock({ Array($0.values) }) { await turn.value }
    }

    private func tick() {
        turns.withLock { turns in
            for job in Job.all where turns[job.name] == nil && backoff.withLock({ $0.admits(job, at: .now) }) {
                turns[job.name] = Task {
                    await run(job)
                    self.turns.withLock { $0[job.name] = nil }
                }
            }
        }
    }

    private func run(_ job: Job) async {
        let outcome = await runner.turn(of: job)
        backoff.withLock { $0.note(outcome, of: job, at: .now) }
        observe(outcome)
    }
}

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
