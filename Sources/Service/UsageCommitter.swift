internal import Foundation
internal import Metering
internal import Store

/// Settles a group of events in one transaction, and answers each when all is on disk.
struct UsageCommitter: Sendable {
    let store: MeterStore
    let basis: GroupReader

    /// How long a group is settled anew, because ids were recorded before or accounts moved, before its clients are asked to try again.
    static let patience: Duration = .seconds(4)

    /// Returns whether the database could be reached.
    func commit(_ group: [PendingCommand], remembering memory: inout AccountMemory) -> Bool {
        var open = group
        let deadline = ContinuousClock.now + Self.patience
        var attempt = 0
        while !open.isEmpty, .now < deadline {
            defer { attempt += 1 }
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
    private func isolate(_ open: [PendingCommand], _ error: any Error, remembering memory: inout AccountMemory) -> Bool {
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
    private func attemptToCommit(_ open: inout [PendingCommand], remembering memory: inout AccountMemory) throws {
        let settlement = try basis.settle(open.map(\.command), remembering: &memory)
        if !settlement.isEmpty {
            try store.blockingTransaction(within: Self.patience) { transaction in
                try UsageEvents.insert(settlement.events, in: transaction)
                try Purchases.insert(settlement.newPurchases, in: transaction)
                try Reservations.save(settlement.reservationChanges, in: transaction)
                try Accounts.save(settlement.changes, in: transaction)
            }
            for (key, account) in settlement.stored { memory.remember(account, of: key) }
        }
        try answer(open, settlement.settled)
        open = []
    }

    /// A refused event may be one that was recorded before, when there was more: then its first answer stands.
    private func answer(_ open: [PendingCommand], _ settled: [GroupSettlement.Settled]) throws {
        let keys = zip(open, settled).compactMap { $1.mayBeRecorded(of: $0.command) }
        let recorded = keys.isEmpty ? [:] : try store.blockingRead { try UsageEvents.find(keys, $0) }
        for (pending, settled) in zip(open, settled) { pending.finish(settled.outcome(of: pending.command, in: recorded)) }
    }

    /// Answers those whose event is in the log, and keeps the rest. When the log cannot be read, all of them are kept.
    private func answerRecorded(_ open: inout [PendingCommand]) {
        let keys = open.compactMap(\.command.usage?.key)
        guard let recorded = try? store.blockingRead({ try UsageEvents.find(keys, $0) }) else { return }
        open = open.filter { pending in
            guard let usage = pending.command.usage, let event = recorded[usage.key] else { return true }
            pending.finish(usage.answer(recordedAs: event).map { .usage($0) })
            return false
        }
    }

    private func fail(_ open: [PendingCommand], _ error: ServiceError, forgettingFrom memory: inout AccountMemory) {
        memory.forget(open.map(\.command.account))
        for pending in open { pending.finish(.failure(error)) }
    }

    /// Two instances that met on an account part by chance, within 40 ms.
    private func backOff(_ attempt: Int) {
        Thread.sleep(forTimeInterval: Double.random(in: 0...0.002) * Double(min(attempt, 20)))
    }
}

extension GroupSettlement.Settled {
    /// The event that would be the answer, if it is in the log.
    fileprivate func mayBeRecorded(of command: LedgerCommand) -> EventKey? {
        switch self {
        case .done: nil
        case .refused: command.usage?.key
        case .repeats(let key): key
        }
    }

    fileprivate func outcome(of command: LedgerCommand, in recorded: [EventKey: RecordedEvent]) -> LedgerOutcome {
        if case .done(let outcome) = self { return outcome }
        if let usage = command.usage, let first = mayBeRecorded(of: command).flatMap({ recorded[$0] }) {
            return usage.answer(recordedAs: first).map { .usage($0) }
        }
        if case .refused(let error) = self { return .failure(error) }
        return .failure(.fault("The event of a final commit is not in the log."))
    }
}
