internal import Dispatch
internal import Foundation
internal import Synchronization

/// Threads of our own for calls that block: such calls would starve Swift's cooperative pool and Dispatch's queues.
final class DatabaseThreads: Sendable {
    /// A call that waits for its thread. Either `run` or `refuse` is called, once.
    struct Job: Sendable {
        let enqueued: ContinuousClock.Instant
        var deadline: ContinuousClock.Instant?
        let run: @Sendable () -> Void
        let refuse: @Sendable (MongoError) -> Void
    }

    private let queue: JobQueue
    private let running = DispatchGroup()

    init(count: Int, bound: Int, wait: Duration) {
        let queue = JobQueue(bound: bound)
        self.queue = queue
        for number in 1...max(1, count) {
            running.enter()
            let thread = Thread { [running] in
                while let job = queue.next() { Self.perform(job, wait: wait) }
                running.leave()
            }
            thread.name = "database-\(number)"
            thread.start()
        }
    }

    deinit {
        queue.close()
    }

    /// Queues the job, or refuses it at once.
    func submit(_ job: Job) {
        if let refusal = queue.add(job) { job.refuse(refusal) }
    }

    /// Lets the queued jobs finish, then the threads.
    func shutdown() {
        queue.close()
        running.wait()
    }

    private static func perform(_ job: Job, wait: Duration) {
        guard job.deadline.map({ .now < $0 }) ?? true else {
            return job.refuse(MongoError(.timeout, "the time was over before there was a database thread"))
        }
        guard job.enqueued.duration(to: .now) <= wait else {
            return job.refuse(MongoError(.overloaded, "the call waited too long for a database thread"))
        }
        job.run()
    }
}

/// A bounded first-in, first-out queue between the callers and the threads.
private final class JobQueue: Sendable {
    private struct State {
        var ring: [DatabaseThreads.Job?]
        var head = 0
        var count = 0
        var isClosed = false
    }

    private let state: Mutex<State>
    /// Counts the jobs in the ring; after closing it stays above zero.
    private let available = DispatchSemaphore(value: 0)

    init(bound: Int) {
        state = Mutex(State(ring: Array(repeating: nil, count: max(1, bound))))
    }

    /// Queues the job. Returns nil, or the error when it was not taken.
    func add(_ job: DatabaseThreads.Job) -> MongoError? {
        let refusal: MongoError? = state.withLock { state in
            guard !state.isClosed else { return MongoError(.unavailable, "the database is shut down") }
            guard state.count < state.ring.count else { return MongoError(.overloaded, "\(state.count) calls are waiting") }
            state.ring[(state.head + state.count) % state.ring.count] = job
            state.count += 1
            return nil
        }
        if refusal == nil { available.signal() }
        return refusal
    }

    /// The next job; blocks until there is one. Nil when the queue is closed and empty.
    func next() -> DatabaseThreads.Job? {
        available.wait()
        let job: DatabaseThreads.Job? = state.withLock { state in
            guard state.count > 0 else { return nil }
            let job = state.ring[state.head]
            state.ring[state.head] = nil
            state.head = (state.head + 1) % state.ring.count
            state.count -= 1
            return job
        }
        // The queue is closed and empty: wakes the next thread too.
        if job == nil { available.signal() }
        return job
    }

    func close() {
        let wasOpen = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        if wasOpen { available.signal() }
    }
}
