internal import Dispatch
internal import Foundation
internal import Metering
internal import Store
internal import Synchronization

/// Groups events: what arrives while one transaction is under way is settled together by the next one. Nobody holds a thread while waiting.
///
/// Events are divided by account among lanes, each with a thread of its own, so that two transactions never meet on one account.
package final class UsageRecorder: Sendable {
    package struct Options: Sendable {
        package var lanes: Int
        /// The most events that wait in a lane; one more is `overloaded`.
        package var queue: Int
        /// The most events of a transaction.
        package var group: Int

        package init(lanes: Int = 2, queue: Int = 10_000, group: Int = 1_000) {
            self.lanes = lanes
            self.queue = queue
            self.group = group
        }
    }

    private let lanes: [Lane]

    init(options: Options, committer: UsageCommitter) {
        lanes = (0..<options.lanes).map { Lane(number: $0, options: options, committer: committer) }
        for lane in lanes { lane.start() }
    }

    /// Returns when the event is on disk, or was before, or is refused.
    func record(_ command: UsageCommand) async -> UsageOutcome {
        await withCheckedContinuation { continuation in
            enqueue([command]) { _, outcome in continuation.resume(returning: outcome) }
        }
    }

    /// The outcomes in the order of the commands. Each is on its own; none fails another.
    func record(_ commands: [UsageCommand]) async -> [UsageOutcome] {
        guard !commands.isEmpty else { return [] }
        return await withCheckedContinuation { continuation in
            let collector = OutcomeCollector(count: commands.count) { continuation.resume(returning: $0) }
            enqueue(commands) { index, outcome in collector.set(outcome, at: index) }
        }
    }

    /// Records what waits, and refuses what comes after.
    package func drain() {
        for lane in lanes { lane.stop() }
    }

    private func enqueue(_ commands: [UsageCommand], finish: @escaping @Sendable (Int, UsageOutcome) -> Void) {
        for (number, group) in Dictionary(grouping: commands.enumerated(), by: { lane(of: $0.element) }) {
            let pending = group.map { index, command in PendingUsage(command: command) { finish(index, $0) } }
            guard !lanes[number].append(pending) else { continue }
            for item in pending { item.finish(.failure(.overloaded)) }
        }
    }

    private func lane(of command: UsageCommand) -> Int {
        lanes.count == 1 ? 0 : Int(command.account.hashValue.magnitude % UInt(lanes.count))
    }
}

/// An event that waits for its transaction.
struct PendingUsage: Sendable {
    let command: UsageCommand
    let finish: @Sendable (UsageOutcome) -> Void
}

/// Outcomes of a batch, which come from several lanes in any order.
private final class OutcomeCollector: Sendable {
    private struct State {
        var outcomes: [UsageOutcome?]
        var missing: Int
    }

    private let state: Mutex<State>
    private let finish: @Sendable ([UsageOutcome]) -> Void

    init(count: Int, finish: @escaping @Sendable ([UsageOutcome]) -> Void) {
        state = Mutex(State(outcomes: Array(repeating: nil, count: count), missing: count))
        self.finish = finish
    }

    func set(_ outcome: UsageOutcome, at index: Int) {
        let all: [UsageOutcome]? = state.withLock { state in
            if state.outcomes[index] == nil { state.missing -= 1 }
            state.outcomes[index] = outcome
            return state.missing == 0 ? state.outcomes.compactMap { $0 } : nil
        }
        if let all { finish(all) }
    }
}

/// A bounded queue with the thread that empties it.
private final class Lane: Sendable {
    private struct State {
        var waiting: [PendingUsage] = []
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
    func append(_ pending: [PendingUsage]) -> Bool {
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
    private func next() -> [PendingUsage]? {
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
