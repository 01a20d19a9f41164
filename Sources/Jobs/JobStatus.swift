package import Metering
internal import Service
internal import Store
internal import Synchronization

/// How a job stands, for the platform's operator.
package struct JobStatus: Equatable, Sendable {
    package let job: String
    /// When its last turn ended, on any instance; nil before the first.
    package let lastRun: Timestamp?
    /// When this instance tries it next; nil where no timer runs.
    package let nextRun: Timestamp?
    /// The instance that is at it; nil while none is.
    package let owner: String?
    /// The counts of its last turn.
    package let counts: [String: Int]
    /// What fails and waits, the longest known first: at most `JobFailures.maximum`.
    package let failures: [JobFailure]
}

extension JobRunner {
    /// How every job stands.
    package func statuses() async throws -> [JobStatus] {
        let states = try await service.jobStates()
        return Job.all.map { job in
            let state = states[job.name] ?? JobState()
            return JobStatus(
                job: job.name, lastRun: state.ranAt, nextRun: board.next(of: job.name), owner: state.owner, counts: state.counts,
                failures: state.failures)
        }
    }

    /// How many users and shops fail and wait, as this instance last saw it. Asks nobody.
    package var stuck: Int { board.stuck }

    /// What this process counted of its jobs' turns since its start. Asks nobody.
    package var gauges: [JobGauges] {
        Job.all.map { job in
            JobGauges(
                job: job.name, turns: board.turns(of: job.name), lastDone: board.lastDone(job.name), stuck: board.stuck(of: job.name))
        }
    }
}

/// How a turn of a job ended, for a count.
package enum JobEnding: String, CaseIterable, Sendable {
    case done, failed, stopped
    /// Another instance was at it.
    case heldElsewhere = "held_elsewhere"
}

/// A job's turns in one process.
package struct JobGauges: Sendable {
    package let job: String
    package let turns: [JobEnding: Int]
    /// When a turn was last done here.
    package let lastDone: Timestamp?
    /// The users and shops that fail and wait.
    package let stuck: Int
}

/// What one process knows of its jobs without asking the database.
final class JobBoard: Sendable {
    private struct State {
        var stuck: [String: Int] = [:]
        var next: [String: Timestamp] = [:]
        var turns: [String: [JobEnding: Int]] = [:]
        var lastDone: [String: Timestamp] = [:]
    }

    private let state = Mutex(State())

    var stuck: Int { state.withLock { $0.stuck.values.reduce(0, +) } }

    func stuck(of job: String) -> Int { state.withLock { $0.stuck[job] ?? 0 } }

    func next(of job: String) -> Timestamp? { state.withLock { $0.next[job] } }

    func set(stuck count: Int, of job: String) { state.withLock { $0.stuck[job] = count } }

    func turns(of job: String) -> [JobEnding: Int] { state.withLock { $0.turns[job] ?? [:] } }

    func lastDone(_ job: String) -> Timestamp? { state.withLock { $0.lastDone[job] } }

    func note(_ ending: JobEnding, of job: String, at time: Timestamp) {
        state.withLock { state in
            state.turns[job, default: [:]][ending, default: 0] += 1
            if ending == .done { state.lastDone[job] = time }
        }
    }

    func set(next time: Timestamp, of job: String) { state.withLock { $0.next[job] = time } }
}
