internal import Dispatch
internal import Synchronization

/// A bounded queue between the callers and the threads: a line of jobs for each lane, and the lanes are served in turn.
final class JobQueue: Sendable {
    private struct State {
        var lines: [Lane: Line] = [:]
        /// The lanes with jobs that wait, the one whose turn is next first.
        var turns: [Lane] = []
        var count = 0
        var limits: LaneLimits
        var isClosed = false

        mutating func add(_ job: DatabaseThreads.Job) {
            if lines[job.lane] == nil { turns.append(job.lane) }
            lines[job.lane, default: Line()].append(job)
            count += 1
        }

        /// The last job of the longest line, if that is longer than the lane's own would be.
        mutating func makeRoom(in lane: Lane) -> DatabaseThreads.Job? {
            guard let longest = lines.max(by: { $0.value.count < $1.value.count }), longest.value.count > 1 + (lines[lane]?.count ?? 0)
            else { return nil }
            count -= 1
            return lines[longest.key]?.removeLast()
        }

        /// The first job of the lane whose turn it is, of those that may take a thread.
        mutating func take() -> DatabaseThreads.Job? {
            guard let index = turns.firstIndex(where: limits.admits), let job = lines[turns[index]]?.removeFirst() else { return nil }
            let lane = turns.remove(at: index)
            if lines[lane].map({ $0.count == 0 }) ?? true { lines[lane] = nil } else { turns.append(lane) }
            limits.begin(lane)
            count -= 1
            return job
        }
    }

    private let state: Mutex<State>
    private let bound: Int
    /// Is signalled whenever a job may have become one that can be taken.
    private let changed = DispatchSemaphore(value: 0)

    init(bound: Int, threads: Int) {
        self.bound = max(1, bound)
        state = Mutex(State(limits: LaneLimits(threads: threads)))
    }

    /// Queues the job. When the queue is full that takes the place of the last job in the longest line, unless the job's own is the longest: one
    /// of the two is refused.
    func add(_ job: DatabaseThreads.Job) {
        let refused: (job: DatabaseThreads.Job, error: MongoError)? = state.withLock { state in
            guard !state.isClosed else { return (job, MongoError(.unavailable, "the database is shut down")) }
            guard state.count == bound else {
                state.add(job)
                return nil
            }
            let error = MongoError(.overloaded, "\(bound) calls are waiting")
            guard let other = state.makeRoom(in: job.lane) else { return (job, error) }
            state.add(job)
            return (other, error)
        }
        changed.signal()
        if let refused { refused.job.refuse(refused.error) }
    }

    /// The next job; blocks until there is one. Nil when the queue is closed and empty.
    func next() -> DatabaseThreads.Job? {
        while true {
            let (job, isOver) = state.withLock { state in
                let job = state.take()
                return (job, job == nil && state.isClosed && state.count == 0)
            }
            if let job { return job }
            if isOver {
                // Wakes the next thread too.
                changed.signal()
                return nil
            }
            changed.wait()
        }
    }

    /// Gives back the thread that a job had; whoever calls this takes the next job.
    func finish(_ job: DatabaseThreads.Job) { state.withLock { $0.limits.end(job.lane) } }

    func close() {
        state.withLock { $0.isClosed = true }
        changed.signal()
    }
}

/// Jobs in the order of their coming. Taking the first costs a step: what was taken is removed when it is half of the line.
private struct Line {
    private var jobs: [DatabaseThreads.Job] = []
    private var taken = 0

    var count: Int { jobs.count - taken }

    mutating func append(_ job: DatabaseThreads.Job) { jobs.append(job) }

    mutating func removeFirst() -> DatabaseThreads.Job? {
        guard count > 0 else { return nil }
        defer {
            taken += 1
            if taken * 2 >= jobs.count {
                jobs.removeFirst(taken)
                taken = 0
            }
        }
        return jobs[taken]
    }

    mutating func removeLast() -> DatabaseThreads.Job? { count > 0 ? jobs.removeLast() : nil }
}
