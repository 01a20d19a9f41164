internal import Metering
internal import Store
internal import Synchronization

/// Commits events, purchases and holds in groups: the commands that arrive while one transaction is under way are settled together by the next
/// one. No caller holds a thread while it waits.
///
/// Commands are divided among partitions, each with a thread of its own: by account, so that two transactions hardly meet on one; but a shop's calls of
/// models on projects go to one partition, as those of many users are paid from one project's wallet.
package final class CommitQueue: Sendable {
    package struct Options: Sendable {
        package var partitions: Int
        /// The limits of each partition.
        package var limits: GroupLimits
        /// How many events of an account are recorded before its document is stored again. A read of an account reads the events after the
        /// document, and so this many at most.
        package var checkpointEvery: Int

        /// When the document of an account with fewer events after it is stored.
        package var checkpoints: CheckpointPace

        package init(
            partitions: Int = 2, queue: Int = 20_000, group: Int = 250, checkpointEvery: Int = 16, checkpoints: CheckpointPace = .init()
        ) {
            self.partitions = partitions
            self.checkpoints = checkpoints
            self.checkpointEvery = checkpointEvery
            limits = GroupLimits(queue: queue, group: group)
        }
    }

    private let partitions: [CommitPartition<AccountCommitter>]

    init(options: Options, committer: AccountCommitter) {
        partitions = (0..<options.partitions).map {
            CommitPartition(name: "commits-\($0)", limits: options.limits, committer: committer)
        }
        for partition in partitions { partition.start() }
    }

    /// Returns when the command's change is on disk, or when it is known that it was before or is refused.
    func perform(_ command: AccountCommand) async -> AccountOutcome {
        await withCheckedContinuation { continuation in
            enqueue([command]) { _, outcome in continuation.resume(returning: outcome) }
        }
    }

    /// The outcomes in the order of the commands. A command that fails does not fail the others.
    func perform(_ commands: [AccountCommand]) async -> [AccountOutcome] {
        guard !commands.isEmpty else { return [] }
        return await withCheckedContinuation { continuation in
            let collector = OutcomeCollector(count: commands.count) { continuation.resume(returning: $0) }
            enqueue(commands) { index, outcome in collector.set(outcome, at: index) }
        }
    }

    /// Whether a command came within the last second.
    var isInUse: Bool { partitions.contains { $0.isInUse } }

    /// Commits what waits, and refuses every later command.
    package func drain() {
        for partition in partitions { partition.stop() }
    }

    private func enqueue(_ commands: [AccountCommand], finish: @escaping @Sendable (Int, AccountOutcome) -> Void) {
        for (number, group) in Dictionary(grouping: commands.enumerated(), by: { partition(of: $0.element) }) {
            let pending = group.map { index, command in PendingCommand(command: command) { finish(index, $0) } }
            guard !partitions[number].append(pending) else { continue }
            for item in pending { item.finish(.failure(.overloaded)) }
        }
    }

    private func partition(of command: AccountCommand) -> Int {
        guard partitions.count > 1 else { return 0 }
        let hash = command.isOfProject ? command.tenant.hashValue : command.account.hashValue
        return Int(hash.magnitude % UInt(partitions.count))
    }
}

extension ShopMeter {
    /// Lets the database to those who record, for half as long as a job's work took, while events come.
    package func giveWay(after work: Duration) async throws {
        if commits.isInUse { try await Task.sleep(for: work / 2) }
    }
}

/// The outcomes of a batch, which come from several partitions in any order.
private final class OutcomeCollector: Sendable {
    private struct State {
        var outcomes: [AccountOutcome?]
        var missing: Int
    }

    private let state: Mutex<State>
    private let finish: @Sendable ([AccountOutcome]) -> Void

    init(count: Int, finish: @escaping @Sendable ([AccountOutcome]) -> Void) {
        state = Mutex(State(outcomes: Array(repeating: nil, count: count), missing: count))
        self.finish = finish
    }

    func set(_ outcome: AccountOutcome, at index: Int) {
        let all: [AccountOutcome]? = state.withLock { state in
            if state.outcomes[index] == nil { state.missing -= 1 }
            state.outcomes[index] = outcome
            return state.missing == 0 ? state.outcomes.compactMap { $0 } : nil
        }
        if let all { finish(all) }
    }
}
