internal import Dispatch
internal import Foundation

/// Threads of our own for calls that block: such calls would starve Swift's cooperative pool and Dispatch's queues.
final class DatabaseThreads: Sendable {
    /// A call that waits for its thread. Either `run` or `refuse` is called, once.
    struct Job: Sendable {
        let enqueued: ContinuousClock.Instant
        var deadline: ContinuousClock.Instant?
        var lane = Lane.plain(of: "")
        let run: @Sendable () -> Void
        var refuse: @Sendable (MongoError) -> Void
    }

    private let queue: JobQueue
    private let running = DispatchGroup()

    init(name: String = "database", count: Int, bound: Int, wait: Duration) {
        let count = max(1, count)
        let queue = JobQueue(bound: bound, threads: count)
        self.queue = queue
        for number in 1...count {
            running.enter()
            let thread = Thread { [running] in
                while let job = queue.next() {
                    Self.perform(job, wait: wait)
                    queue.finish(job)
                }
                running.leave()
            }
            thread.name = "\(name)-\(number)"
            thread.start()
        }
    }

    deinit {
        queue.close()
    }

    /// Queues the job, or refuses it at once.
    func submit(_ job: Job) { queue.add(job) }

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
