internal import Dispatch
internal import Foundation
internal import Synchronization

/// How much a partition takes.
package struct GroupLimits: Sendable {
    /// The maximum of commands that wait; one more is `overloaded`.
    package var queue: Int
    /// The maximum of commands in one transaction.
    package var group: Int

    package init(queue: Int = 10_000, group: Int = 1_000) {
        self.queue = queue
        self.group = group
    }
}

/// A bounded queue with the thread that empties it.
final class CommitPartition<Committer: GroupCommitter>: Sendable {
    typealias Item = Pending<Committer.Command, Committer.Answer>

    private struct State {
        var waiting: [Item] = []
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
            guard !state.isStopped, state.waiting.count + pending.count <= limits.queue else { return false }
            state.waiting += pending
            if state.waiting.count == pending.count { wake.signal() }
            return true
        }
    }

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
        var memory = committer.freshMemory
        while let group = next() {
            if !committer.commit(group, remembering: &memory) { failWaiting() }
        }
        ended.signal()
    }

    /// Refuses every waiting command: without the database, each group would only wait as long again.
    private func failWaiting() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for item in waiting { item.finish(.failure(.databaseUnavailable)) }
    }

    /// Waits for commands, and takes a group of them; nil when the partition is stopped and empty.
    private func next() -> [Item]? {
        while true {
            let (group, isStopped) = state.withLock { state in
                let group = Array(state.waiting.prefix(limits.group))
                state.waiting.removeFirst(group.count)
                return (group, state.isStopped)
            }
            if !group.isEmpty { return group }
            if isStopped { return nil }
            wake.wait()
        }
    }
}
