internal import Metering
internal import Store

typealias PendingCommand = Pending<AccountCommand, AccountAnswer>

/// Commits events, purchases and holds: one transaction inserts what is new, and stores those of the touched accounts whose documents are to follow.
struct AccountCommitter: GroupCommitter {
    let store: MeterStore
    let settler: GroupSettler
    /// How many events of an account are recorded before its document is stored again.
    let checkpointEvery: Int
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

    private func commit(_ group: [PendingCommand], remembering memory: inout AccountMemory) throws -> [PendingCommand] {
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
    func answerDone(_ group: [PendingCommand]) -> [PendingCommand] {
        let keys = group.compactMap(\.command.usage?.key)
        guard let recorded = try? settler.reader.events(keys) else { return group }
        return answerStrangers(group).filter { pending in
            guard let usage = pending.command.usage, let event = recorded[usage.key] else { return true }
            pending.finish(usage.answer(recordedAs: event).map { .usage($0) })
            return false
        }
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
