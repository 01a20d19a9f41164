internal import Metering
internal import Store

/// Settling the event of a call.
extension GroupSettlement {
    mutating func call(_ command: CallCommand) -> Settled {
        let meters = basis.classMeters[command.usage.account] ?? []
        let kinds = command.content.classes.filter { meters.contains($0.meter) }
        // A copy costs as much as the group is large, and few calls need one.
        let before = kinds.isEmpty ? nil : self
        switch record(command.usage) {
        case .done(.success(.usage(let answer))) where answer.isDuplicate: return .done(.failure(command.isTaken))
        case .done(.success(.usage(let answer))): return count(kinds, of: command, answer, orBackTo: before)
        case .repeats:
            return .done(.failure(.invalidTransition("The hold \(command.content.hold?.rawValue ?? "") was ended by another event.")))
        case let settled: return settled
        }
    }

    /// Counts the classes of which the user's plan has meters. Where one is refused, nothing of the call counts.
    private mutating func count(
        _ kinds: [TokenClass], of command: CallCommand, _ answer: UsageAnswer, orBackTo before: GroupSettlement?
    ) -> Settled {
        var classes: [UsageAnswer] = []
        for kind in kinds {
            let settled: Settled
            do { settled = record(try command.usage(of: kind)) } catch { settled = Self.failed(error) }
            guard case .done(.success(.usage(let answer))) = settled else {
                if let before { self = before }
                return settled
            }
            classes.append(answer)
        }
        return .done(.success(.counted(answer, byClass: classes)))
    }
}

extension CallCommand {
    /// Its id is that of an event, or of a charge, that was made without it.
    var isTaken: ServiceError { .idempotencyConflict("The id \(id) is that of an event or a charge that is no call.") }
}

/// The calls of a group whose charges are refused, with which nothing of the group is stored.
struct RefusedCalls: Error {
    let errors: [CallKey: ServiceError]
    /// The billing errors to keep of them.
    let billing: [ChargeKey: BillingError]
    /// What its endpoints are told of those, by shop.
    let causes: [Tenant: [WebhookCause]]
    let times: ShopTimes
}

/// The calls of a group whose events count, with what was paid for them.
struct PaidCalls {
    private var calls: [CallKey: RecordedCall] = [:]
    private var charges: ChargeSettlement?

    /// No calls.
    init() {}

    /// Settles the charges of the calls whose events are settled. Throws `RefusedCalls` when one of them is refused: then the events must be settled
    /// again without it.
    init(_ commands: [AccountCommand], _ settled: [GroupSettlement.Settled], clocks: ShopClocks, _ reading: Reading) throws {
        let counted = zip(commands, settled).compactMap { $1.isDone ? $0.call : nil }
        guard !counted.isEmpty else { return }
        let basis = try ChargeBasis(counted.map(\.charge), clocks: clocks, reading)
        let charges = ChargeSettlement(counted.map(\.charge), on: basis)
        var errors: [CallKey: ServiceError] = [:]
        for (command, outcome) in zip(counted, charges.outcomes) {
            switch outcome {
            case .success(let answer) where !answer.isDuplicate: calls[command.key] = command.recorded(answer)
            case .success: errors[command.key] = command.isTaken
            case .failure(let error): errors[command.key] = error
            }
        }
        self.charges = charges
        guard errors.isEmpty else {
            let refused = Set(errors.keys.map { ChargeKey(tenant: $0.tenant, id: $0.id.charge) })
            throw RefusedCalls(
                errors: errors, billing: charges.errors.filter { refused.contains($0.key) },
                causes: charges.causes, times: charges.times)
        }
    }

    func save(in transaction: Transaction, telling outbox: Outbox) throws {
        guard let charges else { return }
        try Calls.insert(calls, in: transaction)
        try WalletEntries.insert(charges.entries, in: transaction)
        try Wallets.save(charges.wallets, in: transaction)
        try BillingErrors.save(charges.errors, in: transaction)
        try outbox.tell(charges.causes, at: charges.times, in: transaction)
    }

    /// The outcome of a command, of which that of a call is so far its event's.
    func outcome(_ outcome: AccountOutcome, of command: AccountCommand) -> AccountOutcome {
        guard let key = command.call?.key, case .success(.counted(let answer, let classes)) = outcome else { return outcome }
        guard let call = calls[key] else { return .failure(.fault("A call was not charged.")) }
        return .success(.call(CallAnswer(call: call, usage: answer, classes: classes)))
    }
}

extension CallCommand {
    fileprivate func recorded(_ charged: ChargeAnswer) -> RecordedCall {
        RecordedCall(
            id: id, content: content, charge: charged.charge, payment: charged.entry.flatMap { CallPayment($0) }, usage: object,
            at: charged.at)
    }
}

extension GroupSettlement.Settled {
    fileprivate var isDone: Bool {
        if case .done(.success) = self { true } else { false }
    }
}

/// The calls of a group that come again, and those that are refused. They are answered when the rest of the group is done: an attempt that throws
/// answers nobody, as all of its group is tried again.
struct CallsInGroup {
    /// What is to be committed.
    private(set) var rest: [PendingCommand] = []
    /// What is to be tried on its own: of calls with one id, those after the first.
    var later: [PendingCommand] = []
    private var answers: [(PendingCommand, AccountOutcome)] = []

    /// Finds the calls that are recorded already.
    init(_ group: [PendingCommand], of committer: AccountCommitter) throws {
        var keys: Set<CallKey> = []
        for pending in group {
            if let key = pending.command.call?.key, !keys.insert(key).inserted { later.append(pending) } else { rest.append(pending) }
        }
        guard !keys.isEmpty else { return }
        let calls = try committer.store.blockingRead { try Calls.find(keys, $0) }
        guard !calls.isEmpty else { return }
        let again = group.compactMap(\.command.call).filter { calls[$0.key] != nil }
        let classes = Dictionary(try again.map { ($0.key, try $0.classKeys) }, uniquingKeysWith: { first, _ in first })
        let events = try committer.settler.reader.events(
            calls.map { EventKey(of: $0.value, in: $0.key.tenant) } + classes.values.flatMap(\.self))
        take { command in
            calls[command.key].map { call in
                guard let event = events[EventKey(of: call, in: command.tenant)] else {
                    return .failure(.fault("The event of a call is not in the log."))
                }
                return command.answer(recordedAs: call, event, (classes[command.key] ?? []).compactMap { events[$0] })
            }
        }
    }

    /// Takes refused calls out of the rest, and keeps the billing errors of those that nobody can pay.
    mutating func refuse(_ refused: RefusedCalls, by committer: AccountCommitter) throws {
        if !refused.billing.isEmpty {
            try committer.store.blockingTransaction { transaction in
                try BillingErrors.save(refused.billing, in: transaction)
                try committer.settler.outbox.tell(refused.causes, at: refused.times, in: transaction)
            }
        }
        take { refused.errors[$0.key].map { .failure($0) } }
    }

    /// Takes the calls that have an outcome out of the rest.
    private mutating func take(_ outcome: (CallCommand) -> AccountOutcome?) {
        rest = rest.filter { pending in
            guard let outcome = pending.command.call.flatMap(outcome) else { return true }
            answers.append((pending, outcome))
            return false
        }
    }

    func answer() {
        for (pending, outcome) in answers { pending.finish(outcome) }
    }
}

/// Calls whose ids others have.
extension AccountCommitter {
    /// Answers the calls whose event's id was taken by an event that is no call's. When that cannot be read, none is.
    func answerStrangers(_ group: [PendingCommand]) -> (done: [PendingCommand], open: [PendingCommand]) {
        let commands = group.compactMap(\.command.call)
        guard !commands.isEmpty, let calls = try? store.blockingRead({ try Calls.find(Set(commands.map(\.key)), $0) }),
            let events = try? settler.reader.events(commands.map(\.usage.key))
        else { return ([], group) }
        var (done, open): ([PendingCommand], [PendingCommand]) = ([], [])
        for pending in group {
            if let command = pending.command.call, calls[command.key] == nil, events[command.usage.key] != nil {
                pending.finish(.failure(command.isTaken))
                done.append(pending)
            } else {
                open.append(pending)
            }
        }
        return (done, open)
    }
}

extension EventKey {
    init(of call: RecordedCall, in tenant: Tenant) {
        self.init(account: AccountKey(tenant: tenant, user: call.content.charge.user), event: call.id.event)
    }
}
