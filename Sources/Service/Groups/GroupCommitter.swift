internal import Store

/// A command that is committed in groups.
protocol GroupCommand: Sendable {
    associatedtype Lane: Hashable & Sendable
    /// What it may have to wait for alone.
    var lane: Lane { get }
    /// Its shop.
    var tenant: Tenant { get }
}

/// A command that waits for its transaction.
struct Pending<Command: GroupCommand, Answer: Sendable>: Sendable, Schedulable {
    let command: Command
    let deadline: ContinuousClock.Instant
    let finish: @Sendable (Result<Answer, ServiceError>) -> Void

    init(command: Command, finish: @escaping @Sendable (Result<Answer, ServiceError>) -> Void) {
        self.command = command
        self.finish = finish
        deadline = GroupPatience.end
    }

    var lane: Command.Lane { command.lane }
    var owner: Tenant { command.tenant }
}

/// How long a command is tried, from its coming, before its client is asked to try again.
enum GroupPatience {
    static let limit: Duration = .seconds(4)

    /// The end of that for a command that comes now; at the latest the deadline of its request.
    static var end: ContinuousClock.Instant {
        let latest = ContinuousClock.now + limit
        return min(latest, Deadline.current.instant ?? latest)
    }
}

/// Settles a group of commands in one transaction, and answers each command when the transaction is on disk.
protocol GroupCommitter: Sendable {
    associatedtype Command: GroupCommand
    associatedtype Answer: Sendable
    /// What a partition keeps from one group to the next.
    associatedtype Memory

    var store: MeterStore { get }
    var freshMemory: Memory { get }

    /// Commits the group in one transaction, which may be run again until the thread's deadline, and answers its commands when it is on disk. Returns
    /// those that it left out, unanswered, as they need more than the others: they are to be tried on their own.
    func attempt(_ group: [Pending<Command, Answer>], remembering memory: inout Memory) throws -> [Pending<Command, Answer>]

    /// Forgets what is remembered of the group's accounts, which may be stale, as nothing of the group was stored.
    func forget(_ group: [Pending<Command, Answer>], in memory: inout Memory)

    /// Does what no command waits for: some of it. Returns when there may be more to do; nil: not before another command.
    func tend(_ memory: inout Memory, at now: ContinuousClock.Instant) -> ContinuousClock.Instant?

    /// Does what is left of that at the end.
    func finish(_ memory: inout Memory)

    /// After a duplicate id or a conflict: answers the commands that were done before, and returns them and the others.
    func answerDone(_ group: [Pending<Command, Answer>]) -> (done: [Pending<Command, Answer>], open: [Pending<Command, Answer>])
}

extension GroupCommitter {
    func tend(_ memory: inout Memory, at now: ContinuousClock.Instant) -> ContinuousClock.Instant? { nil }

    func finish(_ memory: inout Memory) {}
}

/// A committer at work: what its partition has taken, and what it remembers.
struct GroupWork<Committer: GroupCommitter> {
    typealias Item = Pending<Committer.Command, Committer.Answer>

    let committer: Committer
    var schedule: GroupSchedule<Item>
    private var memory: Committer.Memory

    init(_ committer: Committer, group: Int) {
        self.committer = committer
        schedule = GroupSchedule(size: GroupSize(maximum: group))
        memory = committer.freshMemory
    }

    /// Tries a group that was taken from the schedule, and answers its commands or schedules them again. All of its reads and transactions together
    /// have the time that is left to the last of its commands. Returns false when the database cannot be reached.
    mutating func commit(_ group: GroupSchedule<Item>.Group) -> Bool {
        Deadline.$current.withValue(Deadline(at: group.items.map(\.deadline).max())) { attempt(group) }
    }

    private mutating func attempt(_ group: GroupSchedule<Item>.Group) -> Bool {
        do {
            let rest = try committer.attempt(group.items, remembering: &memory)
            schedule.finish(group, leaving: rest, at: .now)
            return true
        } catch let error as StoreError where error.kind == .duplicate || error.kind == .conflict || error.kind == .contended {
            let (done, open) = committer.answerDone(group.items)
            // An id that was taken says it all: the other accounts are as they are remembered.
            committer.forget(error.kind == .duplicate && !done.isEmpty ? done : group.items, in: &memory)
            schedule.retry(group, open, at: .now)
            return true
        } catch {
            committer.forget(group.items, in: &memory)
            return settle(group, after: error)
        }
    }

    private mutating func settle(_ group: GroupSchedule<Item>.Group, after error: any Error) -> Bool {
        switch (error as? StoreError)?.kind {
        case .unavailable:
            refuse(group.items, .databaseUnavailable)
            return false
        case .interrupted:
            // It may have been too much. The others fare as they may.
            schedule.size.shrink()
            refuse(group.items, .databaseUnavailable)
        case .overloaded: refuse(group.items, .overloaded)
        default: if !schedule.divide(group, at: .now) { refuse(group.items, .fault("\(error)")) }
        }
        return true
    }

    /// Does some of what no command waits for. Returns when there may be more.
    mutating func tend(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? { committer.tend(&memory, at: now) }

    mutating func finish() { committer.finish(&memory) }

    /// Answers the commands whose time is over.
    mutating func expire(at now: ContinuousClock.Instant) {
        for (item, hasMet) in schedule.expire(at: now) { item.finish(.failure(hasMet ? .contended : .overloaded)) }
    }

    /// Lets what instances that were killed have left open be ended, when commands wait for that; those of others do not wait meanwhile.
    func helpLoners() {
        if schedule.hasLoners { committer.store.startEndingIdleTransactions() }
    }

    func refuse(_ items: [Item], _ error: ServiceError) {
        for item in items { item.finish(.failure(error)) }
    }
}
