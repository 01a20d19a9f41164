internal import Dispatch

/// Runs tasks on a reactor's thread, between its reading and its writing. What runs here must neither block nor compute for long, as every
/// connection of the reactor waits meanwhile.
final class ReactorExecutor: TaskExecutor {
    private let mailbox: Mailbox

    init(_ mailbox: Mailbox) { self.mailbox = mailbox }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // A task that outlives the reactor comes to its end elsewhere.
        if !mailbox.post(.job(job)) { DispatchQueue.global().async { self.run(job) } }
    }

    /// To be called once for each job.
    func run(_ job: UnownedJob) {
        // The job is run once, while `self` lives.
        unsafe job.runSynchronously(on: asUnownedTaskExecutor())
    }
}
