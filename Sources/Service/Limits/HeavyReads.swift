internal import Dispatch

/// One thread for what heavy reads compute. Requests of other kinds have the process's own threads for themselves.
package final class HeavyReads: TaskExecutor {
    package static let shared = HeavyReads()

    private let queue = DispatchQueue(label: "shopmeter.heavy-reads")

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // The job is run once, while `self` lives: the executor is one for the life of the process.
        queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
