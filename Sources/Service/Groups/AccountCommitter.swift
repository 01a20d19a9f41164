internal import Metering
internal import Store

typealias PendingCommand = Pending<AccountCommand, AccountAnswer>

/// Commits events, purchases and holds: one transaction inserts what is new, and stores those of the touched accounts whose documents are to follow.
struct AccountCommitter: GroupCommitter {
    let store: MeterStore
    let settler: GroupSettler
    /// How many events of an account are recorded before its document is stored again.
    let checkpointEvery: Int
    let pace: CheckpointPace
    let refusalLog: RefusalLog

    var freshMemory: AccountMemory { AccountMemory() }

    func attempt(_ group: [PendingCommand], remembering memory: inout AccountMemory) throws -> [PendingCommand] {
        var calls = try CallsInGroup(group, of: self)
        while !calls.rest.isEmpty {
            do {
                calls.later += try commit(calls.rest, remembering: &memory)
                break
            } catch let refused as RefusedCalls {
                try calls.refuse(refused, by: self)
            }
        }
        calls.answer()
        return calls.later
    }

    private func commit(_ all: [PendingCommand], remembering memory: inout AccountMemory) throws -> [PendingCommand] {
        // With an event that is stored already the transaction would be in vain.
        let again = all.compactMap(\.command.usage?.key).filter { memory.stored.mayContain($0) }
        let recorded = try settler.reader.events(again)
        let group = recorded.isEmpty ? all : all.filter { $0.answer(recorded) == nil }
        let postponed = try commitNew(group, remembering: &memory)
        for pending in recorded.isEmpty ? [] : all {
            if let answer = pending.answer(recorded) { pending.finish(answer) }
        }
        return postponed
    }

    /// Commits a group of which hardly an event is in the log.
    private func commitNew(_ group: [PendingCommand], remembering memory: inout AccountMemory) throws -> [PendingCommand] {
        guard !group.isEmpty else { return [] }
        let erasures = try memory.learn(Set(group.map(\.owner)), settler.reader.erasures)
        let (settlement, postponed) = try settler.settle(group.map(\.command), remembering: &memory)
        let present = group.filter { !postponed.contains($0.lane) }
        var calls = PaidCalls()
        if !settlement.isEmpty {
            let changes = settlement.changes(every: checkpointEvery)
            calls = try store.blockingTransaction { transaction in
                try Erasures.require(erasures, in: transaction)
                let calls = try PaidCalls(present.map(\.command), settlement.settled, clocks: settler.reader.clocks, transaction)
                try UsageEvents.insert(settlement.events, keeping: settlement.kept, in: transaction)
                try Purchases.insert(settlement.newPurchases, in: transaction)
                try AuditTrail.insert(settlement.auditEntries, in: transaction)
                try Reservations.save(settlement.reservationChanges, in: transaction)
                try Accounts.save(changes, in: transaction)
                try calls.save(in: transaction, telling: settler.outbox)
                try settler.outbox.tell(settlement.causes, at: settlement.now, in: transaction)
                return calls
            }
            for (key, account) in settlement.stored(changes) { memory.remember(account, of: key) }
            for (tenant, event) in settlement.events {
                memory.stored.note(EventKey(account: AccountKey(tenant: tenant, user: event.user), event: event.id))
            }
        }
        try answer(present, settlement, calls)
        return group.filter { postponed.contains($0.lane) }
    }

    /// A refused event may be one that was recorded before, when there was more: then its first answer stands.
    private func answer(_ group: [PendingCommand], _ settlement: GroupSettlement, _ calls: PaidCalls) throws {
        let settled = settlement.settled
        let keys = zip(group, settled).compactMap { $1.mayBeRecorded(of: $0.command) }
        let recorded = try settler.reader.events(keys)
        var refusals: [(tenant: Tenant, refusal: Refusal)] = []
        for (index, (pending, settled)) in zip(group, settled).enumerated() {
            let outcome = calls.outcome(settled.outcome(of: pending.command, in: recorded), of: pending.command)
            if case .failure = outcome, let refusal = settlement.refusals[index] { refusals.append((pending.command.tenant, refusal)) }
            pending.finish(outcome)
        }
        refusalLog.note(refusals)
    }

    func forget(_ group: [PendingCommand], in memory: inout AccountMemory) {
        memory.forget(group.map(\.lane))
        memory.unlearn(Set(group.map(\.owner)))
    }

    /// Answers the commands whose event is in the log. When the log cannot be read, none is.
    func answerDone(_ group: [PendingCommand]) -> (done: [PendingCommand], open: [PendingCommand]) {
        let keys = group.compactMap(\.command.usage?.key)
        guard let recorded = try? settler.reader.events(keys) else { return ([], group) }
        var (done, open) = answerStrangers(group)
        open.removeAll { pending in
            guard let answer = pending.answer(recorded) else { return false }
            pending.finish(answer)
            done.append(pending)
            return true
        }
        return (done, open)
    }
}

extension PendingCommand {
    /// The answer of an event that is among those of the log; nil for every other command.
    fileprivate func answer(_ recorded: [EventKey: RecordedEvent]) -> AccountOutcome? {
        guard let usage = command.usage, let event = recorded[usage.key] else { return nil }
        return usage.answer(recordedAs: event).map { .usage($0) }
    }
}

extension GroupSettlement.Settled {
    /// The event that would be the answer, if it is in the log.
    fileprivate func mayBeRecorded(of command: AccountCommand) -> EventKey? {
        switch self {
        case .done: nil
        case .refused: command.usage?.key
        case .repeats(let key): key
        }
    }

    fileprivate func outcome(of command: AccountCommand, in recorded: [EventKey: RecordedEvent]) -> AccountOutcome {
        if case .done(let outcome) = self { return outcome }
        if let usage = command.usage, let first = mayBeRecorded(of: command).flatMap({ recorded[$0] }) {
            return usage.answer(recordedAs: first).map { .usage($0) }
        }
        if case .refused(let error) = self { return .failure(error) }
        return .failure(.fault("The event of a final commit is not in the log."))
    }
}
