package import Dispatch
internal import Metering
internal import Service
internal import Synchronization

/// Runs every job at each tick of one timer. A job that still works at a tick misses it, and delays no other job.
package final class JobScheduler: Sendable {
    private let runner: JobRunner
    private let observe: @Sendable (JobOutcome) -> Void
    private let queue = DispatchQueue(label: "shopmeter.jobs")
    private let timer = Mutex<(any DispatchSourceTimer)?>(nil)
    private let turns = Mutex<[String: Task<Void, Never>]>([:])
    private let isStopped = Mutex(false)
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
            source.setEventHandler { [self] in tick(every: seconds) }
            source.activate()
            timer = source
        }
    }

    /// Begins no further turn, and ends those under way before their next transaction. Returns when they are over, or when `limit` has
    /// passed: what is left then is one transaction a job, which the database stores whole or not at all.
    package func stop(within limit: DispatchTimeInterval = .seconds(2)) async {
        timer.withLock { $0?.cancel() }
        let running = turns.withLock { turns in
            isStopped.withLock { $0 = true }
            return Array(turns.values)
        }
        for turn in running { turn.cancel() }
        let first = FirstCall()
        await withCheckedContinuation { continuation in
            let resume: @Sendable () -> Void = { if first.isFirst() { continuation.resume() } }
            queue.asyncAfter(deadline: .now() + limit, execute: resume)
            Task {
                for turn in running { await turn.value }
                resume()
            }
        }
    }

    private func tick(every seconds: Int) {
        turns.withLock { turns in
            guard !isStopped.withLock({ $0 }) else { return }
            for job in Job.all {
                let pause = backoff.withLock { $0.pause(of: job, at: .now) }
                note(next: max(.seconds(seconds), pause), of: job)
                guard turns[job.name] == nil, pause <= .zero else { continue }
                turns[job.name] = Task {
                    await run(job)
                    self.turns.withLock { $0[job.name] = nil }
                }
            }
        }
    }

    private func note(next pause: Duration, of job: Job) {
        runner.board.set(next: runner.service.systemTime.adding(milliseconds: pause.components.seconds * 1_000), of: job.name)
    }

    private func run(_ job: Job) async {
        let outcome = await runner.turn(of: job)
        backoff.withLock { $0.note(outcome, of: job, at: .now) }
        observe(outcome)
    }
}

/// How long a job that failed as a whole waits for its next turn (`JobPause`). A turn that does not fail ends the waiting.
struct JobBackoff {
    private var failures: [String: (count: Int, at: ContinuousClock.Instant)] = [:]

    func admits(_ job: Job, at now: ContinuousClock.Instant) -> Bool { pause(of: job, at: now) <= .zero }

    /// How long the job waits yet; zero or less when it does not.
    func pause(of job: Job, at now: ContinuousClock.Instant) -> Duration {
        guard let (count, at) = failures[job.name] else { return .zero }
        return .seconds(JobPause.seconds(after: count)) - (now - at)
    }

    mutating func note(_ outcome: JobOutcome, of job: Job, at now: ContinuousClock.Instant) {
        if case .failed = outcome {
            failures[job.name] = ((failures[job.name]?.count ?? 0) + 1, now)
        } else {
            failures[job.name] = nil
        }
    }
}

/// Tells the first of several callers apart.
private final class FirstCall: Sendable {
    private let wasCalled = Mutex(false)

    func isFirst() -> Bool {
        wasCalled.withLock { wasCalled in
            defer { wasCalled = true }
            return !wasCalled
        }
    }
}
