internal import Dispatch
internal import Foundation
internal import Synchronization

/// A command that waits for its transaction.
struct PendingCommand: Sendable {
    let command: LedgerCommand
    let finish: @Sendable (LedgerOutcome) -> Void
}

/// A bounded queue with the thread that empties it.
final class RecorderLane: Sendable {
    private struct State {
        var waiting: [PendingCommand] = []
        var isStopped = false
    }

    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private let number: Int
    private let options: UsageRecorder.Options
    private let committer: UsageCommitter

    init(number: Int, options: UsageRecorder.Options, committer: UsageCommitter) {
        self.number = number
        self.options = options
        self.committer = committer
    }

    func start() {
        let thread = Thread { [self] in run() }
        thread.name = "recorder-\(number)"
        thread.stackSize = 1 << 20
        thread.start()
    }

    /// Whether there was room for all of them.
    func append(_ pending: [PendingCommand]) -> Bool {
        state.withLock { state in
            guard !state.isStopped, state.waiting.count + pending.count <= options.queue else { return false }
            state.waiting += pending
            if state.waiting.count == pending.count { wake.signal() }
            return true
        }
    }

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
        var memory = AccountMemory()
        while let group = next() {
            if !committer.commit(group, remembering: &memory) { failWaiting() }
        }
        ended.signal()
    }

    /// Without the database, what waits would only wait as long again.
    private func failWaiting() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for item in waiting { item.finish(.failure(.databaseUnavailable)) }
    }

    /// Waits for events; nil when the lane is stopped and empty.
    private func next() -> [PendingCommand]? {
        while true {
            let (group, isStopped) = state.withLock { state in
                let group = Array(state.waiting.prefix(options.group))
                state.waiting.removeFirst(group.count)
                return (group, state.isStopped)
            }
            if !group.isEmpty { return group }
            if isStopped { return nil }
            wake.wait()
        }
    }
}
