internal import Foundation
internal import Metering
internal import Store

/// Settles a group of events in one transaction, and answers each when all is on disk.
struct UsageCommitter: Sendable {
    let store: MeterStore
    let clock: any Clock
    let periods: PeriodCloser

    /// How often a group is settled anew, because ids were recorded before or accounts moved, before its clients are asked to try again.
    static let attempts = 20

    /// How long a group is tried in all: its clients wait.
    static let patience: Duration = .seconds(4)

    /// Returns whether the database could be reached.
    func commit(_ group: [PendingUsage], remembering memory: inout AccountMemory) -> Bool {
        var open = group
        let deadline = ContinuousClock.now + Self.patience
        for attempt in 0..<Self.attempts where !open.isEmpty && .now < deadline {
            do {
                if attempt > 0 { backOff(attempt) }
                try attemptToCommit(&open, remembering: &memory)
            } catch let error as StoreError where error.kind == .duplicate || error.kind == .conflict {
                memory.forget(open.map(\.command.account))
                answerRecorded(&open)
            } catch let error as StoreError where error.kind == .unavailable {
                fail(open, .databaseUnavailable, forgettingFrom: &memory)
                return false
            } catch let error as StoreError where error.kind == .overloaded {
                break
            } catch {
                return isolate(open, error, remembering: &memory)
            }
        }
        fail(open, .overloaded, forgettingFrom: &memory)
        return true
    }

    /// Something in the group cannot be stored: its halves are tried, down to the event that fails alone.
    private func isolate(_ open: [PendingUsage], _ error: any Error, remembering memory: inout AccountMemory) -> Bool {
        guard open.count > 1 else {
            fail(open, .fault("\(error)"), forgettingFrom: &memory)
            return true
        }
        memory.forget(open.map(\.command.account))
        let middle = open.count / 2
        let isReached = commit(Array(open[..<middle]), remembering: &memory)
        return commit(Array(open[middle...]), remembering: &memory) && isReached
    }

    /// One transaction; empties `open` when it is on disk and everyone is answered.
    private func attemptToCommit(_ open: inout [PendingUsage], remembering memory: inout AccountMemory) throws {
        let now = clock.now()
        var settlement = try settle(open.map(\.command), at: now, remembering: memory)
        // A refusal writes nothing that would tell whether its account is still as it was remembered: it is made on what is stored.
        let refused = zip(open, settlement.outcomes).filter { $1.isRefused && memory[$0.command.account] != nil }
        if !refused.isEmpty {
            memory.forget(refused.map(\.0.command.account))
            settlement = try settle(open.map(\.command), at: now, remembering: memory)
        }
        if !settlement.recorded.isEmpty {
            try store.blockingTransaction(within: Self.patience) { transaction in
                try UsageEvents.insert(settlement.recorded, in: transaction)
                try Accounts.save(settlement.changes, in: transaction)
            }
            for (key, account) in settlement.stored { memory.remember(account, of: key) }
        }
        try answer(open, settlement.outcomes)
        open = []
    }

    private func settle(_ commands: [UsageCommand], at now: Timestamp, remembering memory: AccountMemory) throws -> UsageSettlement {
        let accounts = try accounts(of: commands, at: now, remembering: memory)
        var free: [Tenant: Plan] = [:]
        return try UsageSettlement(commands, accounts: accounts, opening: { try opened($0, free: &free, at: now) }, at: now)
    }

    /// The stored accounts of the commands, in their current periods.
    private func accounts(
        of commands: [UsageCommand], at now: Timestamp, remembering memory: AccountMemory
    ) throws -> [AccountKey: Account] {
        let keys = Set(commands.map(\.account))
        var found: [AccountKey: Account] = [:]
        for key in keys { found[key] = memory[key] }
        let missing = keys.filter { found[$0] == nil }
        if !missing.isEmpty { found.merge(try read(Array(missing))) { $1 } }
        let due = found.filter { $0.value.period.isDue(at: now) }.map(\.key)
        guard !due.isEmpty else { return found }
        for (tenant, keys) in Dictionary(grouping: due, by: \.tenant) {
            for start in stride(from: 0, to: keys.count, by: PeriodCloser.group) {
                _ = try periods.close(keys[start..<min(start + PeriodCloser.group, keys.count)].map(\.user), of: tenant, at: now)
            }
        }
        return found.merging(try read(due)) { $1 }
    }

    private func read(_ keys: [AccountKey]) throws -> [AccountKey: Account] {
        try store.blockingRead { try Accounts.find(keys, $0) }
    }

    private func opened(_ command: UsageCommand, free: inout [Tenant: Plan], at now: Timestamp) throws -> Account {
        let plan =
            try free[command.tenant]
            ?? store.blockingRead { try ShopMeter.freePlan(of: command.tenant, settings: periods.settings, $0) }
        free[command.tenant] = plan
        return .opened(for: command.user, free: plan, at: now, covering: command.opensFrom)
    }

    /// A refused event may be one that was recorded before, when there was more: then its first answer stands.
    private func answer(_ open: [PendingUsage], _ outcomes: [UsageOutcome]) throws {
        let refused = zip(open, outcomes).filter { $0.1.isRefused }.map(\.0.command.key)
        let recorded = refused.isEmpty ? [:] : try store.blockingRead { try UsageEvents.find(refused, $0) }
        for (pending, outcome) in zip(open, outcomes) {
            let first = outcome.isRefused ? recorded[pending.command.key] : nil
            pending.finish(first.map { pending.command.answer(recordedAs: $0) } ?? outcome)
        }
    }

    /// Answers those whose id is in the log, and keeps the rest. When the log cannot be read, all of them are kept.
    private func answerRecorded(_ open: inout [PendingUsage]) {
        guard let recorded = try? store.blockingRead({ try UsageEvents.find(open.map(\.command.key), $0) }) else { return }
        open = open.filter { pending in
            guard let event = recorded[pending.command.key] else { return true }
            pending.finish(pending.command.answer(recordedAs: event))
            return false
        }
    }

    private func fail(_ open: [PendingUsage], _ error: ServiceError, forgettingFrom memory: inout AccountMemory) {
        memory.forget(open.map(\.command.account))
        for pending in open { pending.finish(.failure(error)) }
    }

    /// Two instances that met on an account part by chance.
    private func backOff(_ attempt: Int) {
        Thread.sleep(forTimeInterval: Double.random(in: 0...0.002) * Double(attempt))
    }
}

extension UsageOutcome {
    fileprivate var isRefused: Bool {
        if case .failure(.usage) = self { true } else { false }
    }
}
