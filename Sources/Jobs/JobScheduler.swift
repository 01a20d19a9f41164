internal import Dispatch
internal import Synchronization

/// What a run of a job did.
package struct JobReport: Equatable, Sendable {
    package let job: String
    /// What was counted, by a name for the log and the answer.
    package let counts: [String: Int]
    package let milliseconds: Int64

    package init(job: String, counts: [String: Int], milliseconds: Int64) {
        self.job = job
        self.counts = counts
        self.milliseconds = milliseconds
    }
}

/// What became of a job's turn.
package enum JobOutcome: Sendable {
    case done(JobReport)
    /// Another instance holds the lease.
    case heldElsewhere(job: String)
    case failed(job: String, error: any Error)
}

/// Runs the jobs at each tick of one timer. A job whose turn takes longer than a tick has its next one after it, and holds no other job up.
package final class JobScheduler: Sendable {
    private let runner: JobRunner
    private let observe: @Sendable (JobOutcome) -> Void
    private let queue = DispatchQueue(label: "shopmeter.jobs")
    private let timer = Mutex<(any DispatchSourceTimer)?>(nil)
    private let turns = Mutex<[JobName: Task<Void, Never>]>([:])
    private let backoff = Mutex(JobBackoff())

    /// `observe` is told of each turn, for the log.
    package init(runner: JobRunner, observe: @escaping @Sendable (JobOutcome) -> Void) {
        self.runner = runner
        self.observe = observe
    }

    package func start(every seconds: Int) {
        timer.withLock { timer in
            // Made here: a source that was never activated must not be given up.
            let source = DispatchSource.makeTimerSource(queue: queue)
            source.schedule(deadline: .now() + .seconds(1), repeating: .seconds(seconds), leeway: .milliseconds(100))
            source.setEventHandler { [self] in tick() }
            source.activate()
            timer = source
        }
    }

    /// No turn begins after it; returns when those under way are over.
    package func stop() async {
        timer.withLock { $0?.cancel() }
        for turn in turns.withLock({ Array($0.values) }) { await turn.value }
    }

    private func tick() {
        turns.withLock { turns in
            for job in JobName.allCases where turns[job] == nil && backoff.withLock({ $0.admits(job, at: .now) }) {
                turns[job] = Task {
                    await run(job)
                    self.turns.withLock { $0[job] = nil }
                }
            }
        }
    }

    private func run(_ job: JobName) async {
        let outcome = await runner.turn(of: job)
        backoff.withLock { $0.note(outcome, of: job, at: .now) }
        observe(outcome)
    }
}
