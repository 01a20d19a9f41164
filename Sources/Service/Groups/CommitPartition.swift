internal import Dispatch
internal import Foundation
internal import Store
internal import Synchronization

/// How much a partition takes.
package struct GroupLimits: Sendable {
    /// The maximum of commands that wait; one more is `overloaded`. One shop has at most half of the places when the others are taken.
    package var queue: Int
    /// The maximum of commands in one transaction. Larger ones cost hardly less for each command, and let others wait longer.
    package var group: Int

    package init(queue: Int = 20_000, group: Int = 250) {
        self.queue = queue
        self.group = group
    }
}

/// A bounded queue with the thread that empties it.
final class CommitPartition<Committer: GroupCommitter>: Sendable {
    typealias Item = Pending<Committer.Command, Committer.Answer>

    private struct State {
        /// New commands, which the thread has not seen yet.
        var arrived: [Item] = []
        /// How many commands wait with the thread.
        var scheduled = 0
        /// Those by shop, while they are many.
        var scheduledBy: [Tenant: Int] = [:]
        var lastArrival: ContinuousClock.Instant?
        var isStopped = false
    }

    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private let name: String
    private let limits: GroupLimits
    private let committer: Committer

    init(name: String, limits: GroupLimits, committer: Committer) {
        self.name = name
        self.limits = limits
        self.committer = committer
    }

    func start() {
        let thread = Thread { [self] in run() }
        thread.name = name
        thread.stackSize = 1 << 20
        thread.start()
    }

    /// Adds all of the commands; false, and none is added, when the queue has no room for them or is stopped.
    func append(_ pending: [Item]) -> Bool {
        state.withLock { state in
            guard !state.isStopped, hasRoom(for: pending, in: state) else { return false }
            state.arrived += pending
            state.lastArrival = .now
            if state.arrived.count == pending.count { wake.signal() }
            return true
        }
    }

    private func hasRoom(for pending: [Item], in state: State) -> Bool {
        let waiting = state.arrived.count + state.scheduled
        guard waiting > limits.queue / 2, let shop = pending.first?.owner else { return waiting + pending.count <= limits.queue }
        let own = state.arrived.count { $0.owner == shop } + state.scheduledBy[shop, default: 0]
        return waiting + pending.count <= limits.queue && own + pending.count <= limits.queue / 2
    }

    /// Whether a command came within the last second.
    var isInUse: Bool { state.withLock { $0.lastArrival.map { .now - $0 < .seconds(1) } ?? false } }

    /// Returns when the waiting commands are committed; later ones are refused.
    func stop() {
        let isFirst = state.withLock { state in
            defer { state.isStopped = true }
            return !state.isStopped
        }
        guard isFirst else { return }
        wake.signal()
        ended.wait()
    }

    private func run() {
        var work = GroupWork(committer, group: limits.group)
        var nextTending: ContinuousClock.Instant?
        while true {
            let isStopped = takeArrived(into: &work)
            let now = ContinuousClock.now
            work.expire(at: now)
            let group = work.schedule.next(at: now)
            note(work.schedule)
            if let group {
                if !work.commit(group) { refuseAll(of: &work) }
                work.helpLoners()
                // While commands keep coming, a little of it beside them.
                if nextTending.map({ now >= $0 + Self.tendingPause }) ?? true { nextTending = max(work.tend(at: now) ?? now, now) }
            } else if isStopped, work.schedule.count == 0 {
                work.finish()
                break
            } else {
                nextTending = work.tend(at: now)
                sleep(until: [work.schedule.wakeTime, nextTending].compactMap(\.self).min())
            }
        }
        ended.signal()
    }

    private static var tendingPause: Duration { .seconds(1) }

    private func note(_ schedule: GroupSchedule<Item>) {
        let count = schedule.count
        let counts = count > limits.queue / 4 ? schedule.counts : [:]
        state.withLock { ($0.scheduled, $0.scheduledBy) = (count, counts) }
    }

    private func takeArrived(into work: inout GroupWork<Committer>) -> Bool {
        let (arrived, isStopped) = state.withLock { state in
            defer {
                state.scheduled += state.arrived.count
                state.arrived = []
            }
            return (state.arrived, state.isStopped)
        }
        work.schedule.add(arrived, at: .now)
        return isStopped
    }

    /// Refuses every waiting command: where no server can be reached, each group would only wait as long again.
    private func refuseAll(of work: inout GroupWork<Committer>) {
        _ = takeArrived(into: &work)
        work.refuse(work.schedule.removeAll(), .databaseUnavailable)
    }

    /// Returns when commands arrive, or at the instant.
    private func sleep(until instant: ContinuousClock.Instant?) {
        guard let instant else { return wake.wait() }
        let microseconds = max(0, ContinuousClock.now.duration(to: instant) / .microseconds(1))
        _ = wake.wait(timeout: .now() + .microseconds(Int(microseconds) + 1))
    }
}
