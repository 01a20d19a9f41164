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
        /// How many threads wait for a signal.
        var sleeping = 0

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

        /// Takes threads out of their sleep, and returns how many: one where a job can be taken; all at the end.
        mutating func wake() -> Int {
            let woken = isClosed && count == 0 ? sleeping : turns.contains(where: limits.admits) ? min(1, sleeping) : 0
            sleeping -= woken
            return woken
        }
    }

    private enum Next {
        case job(DatabaseThreads.Job)
        case none
        case over
    }

    private let state: Mutex<State>
    private let bound: Int
    /// Is signalled for each thread that is taken out of its sleep.
    private let changed = DispatchSemaphore(value: 0)

    init(bound: Int, threads: Int) {
        self.bound = max(1, bound)
        state = Mutex(State(limits: LaneLimits(threads: threads)))
    }

    /// Queues the job. When the queue is full that takes the place of the last job in the longest line, unless the job's own is the longest: one
    /// of the two is refused.
    func add(_ job: DatabaseThreads.Job) {
        let (refused, woken) = state.withLock { state in
            let refused = add(job, to: &state)
            return (refused, state.wake())
        }
        signal(woken)
        if let refused { refused.job.refuse(refused.error) }
    }

    /// Returns the job that is refused.
    private func add(_ job: DatabaseThreads.Job, to state: inout State) -> (job: DatabaseThreads.Job, error: MongoError)? {
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

    /// The next job; blocks until there is one. Nil when the queue is closed and empty.
    func next() -> DatabaseThreads.Job? {
        while true {
            let (next, woken): (Next, Int) = state.withLock { state in
                if let job = state.take() { return (.job(job), state.wake()) }
                if state.isClosed && state.count == 0 { return (.over, state.wake()) }
                state.sleeping += 1
                return (.none, 0)
            }
            signal(woken)
            switch next {
            case .job(let job): return job
            case .over: return nil
            case .none: changed.wait()
            }
        }
    }

    private func signal(_ count: Int) {
        for _ in 0..<count { changed.signal() }
    }

    /// Gives back the thread that a job had; whoever calls this takes the next job.
    func finish(_ job: DatabaseThreads.Job) { state.withLock { $0.limits.end(job.lane) } }

    func close() {
        signal(
            state.withLock { state in
                state.isClosed = true
                return state.wake()
            })
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
