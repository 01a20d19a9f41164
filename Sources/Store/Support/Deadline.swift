/// The instant by which a caller wants its answer. Everything that is done for the caller takes its time from there: the wait for a thread or a
/// connection, each read, the repetitions of a transaction.
///
/// A task carries it as `current`. What is done for the task elsewhere, as a queued command, carries it as a value.
package struct Deadline: Sendable, Hashable {
    /// Nil for work that may take as long as it takes.
    package let instant: ContinuousClock.Instant?

    package static let none = Deadline(at: nil)

    /// Of the task that runs. On a thread without a task it is `none`, unless it was set there.
    @TaskLocal package static var current = Deadline.none

    package init(at instant: ContinuousClock.Instant?) { self.instant = instant }

    package init(in limit: Duration) { instant = .now + limit }

    /// The time that is left, negative when it is over; nil without an end.
    package var remaining: Duration? { instant.map { ContinuousClock.now.duration(to: $0) } }
}
