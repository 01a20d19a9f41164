internal import Metering
internal import Store

/// Groups events, purchases and holds: what arrives while one transaction is under way is settled together by the next one. Nobody holds a
/// thread while waiting.
///
/// Commands are divided by account among lanes, each with a thread of its own, so that two transactions never meet on one account.
package final class CommitQueue: Sendable {
    package struct Options: Sendable {
        package var lanes: Int
        /// Of each lane.
        package var limits: GroupLimits

        package init(lanes: Int = 2, queue: Int = 10_000, group: Int = 1_000) {
            self.lanes = lanes
            limits = GroupLimits(queue: queue, group: group)
        }
    }

    private let lanes: [CommitPartition<AccountCommitter>]

    init(options: Options, committer: AccountCommitter) {
        lanes = (0..<options.lanes).map { CommitPartition(name: "recorder-\($0)", limits: options.limits, committer: committer) }
        for lane in lanes { lane.start() }
    }

    /// Returns when the change is on disk, or was before, or is refused.
    func perform(_ command: AccountCommand) async -> AccountOutcome {
        await withCheckedContinuation { continuation in
            enqueue([command]) { _, outcome in continuation.resume(returning: outcome) }
        }
    }

    /// The outcomes in the order of the commands. Each is on its own; none fails another.
    func perform(_ commands: [AccountCommand]) async -> [AccountOutcome] {
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

    private func enqueue(_ commands: [AccountCommand], finish: @escaping @Sendable (Int, AccountOutcome) -> Void) {
        for (number, group) in Dictionary(grouping: commands.enumerated(), by: { lane(of: $0.element) }) {
            let pending = group.map { index, command in PendingCommand(command: command) { finish(index, $0) } }
            guard !lanes[number].append(pending) else { continue }
            for item in pending { item.finish(.failure(.overloaded)) }
        }
    }

    private func lane(of command: AccountCommand) -> Int {
        lanes.count == 1 ? 0 : Int(command.account.hashValue.magnitude % UInt(lanes.count))
    }
}
