package import Metering

extension Author {
    /// Who makes the changes of the present work, and why: goes with a task, as `Deadline.current` does, and into the body of each transaction.
    @TaskLocal package static var current = Author.system
}
