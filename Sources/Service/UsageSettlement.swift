internal import Metering
internal import Store

/// A group of events settled in order against their accounts: what is to be stored, and what each is to be answered. No I/O.
struct UsageSettlement {
    /// What the accounts were, and what they are to become.
    private var before: [AccountKey: Account?] = [:]
    private var after: [AccountKey: Account] = [:]
    private var touched: Set<AccountKey> = []
    private var leaders: [EventKey: RecordedEvent] = [:]
    /// New events in order, with the place of each in the group.
    private(set) var recorded: [(tenant: Tenant, event: RecordedEvent)] = []
    private(set) var outcomes: [UsageOutcome] = []

    /// `accounts`: of every event, as stored; nil for an account that is to be opened.
    init(_ commands: [UsageCommand], accounts: [AccountKey: Account], opening: (UsageCommand) throws -> Account, at now: Timestamp) rethrows
    {
        for command in commands where before[command.account] == nil {
            let stored = accounts[command.account]
            before.updateValue(stored, forKey: command.account)
            after[command.account] = try stored ?? opening(command)
        }
        outcomes.reserveCapacity(commands.count)
        for command in commands { outcomes.append(settle(command, at: now)) }
    }

    var changes: [AccountChange] {
        touched.compactMap { key in
            guard let before = before[key], let account = after[key] else { return nil }
            return AccountChange(tenant: key.tenant, before: before, after: account)
        }
    }

    /// The accounts as they are once `changes` are stored.
    var stored: [(AccountKey, Account)] {
        changes.map { change in
            var account = change.after
            account.version = (change.before?.version ?? 0) + 1
            return (AccountKey(tenant: change.tenant, user: account.user), account)
        }
    }

    /// The same id again within the group is answered like one that was recorded before; after a refusal it is tried on its own.
    private mutating func settle(_ command: UsageCommand, at now: Timestamp) -> UsageOutcome {
        if let first = leaders[command.key] { return command.answer(recordedAs: first) }
        guard var account = after[command.account] else { return .failure(.databaseUnavailable) }
        let at = command.content.occurredAt ?? now
        do {
            let settlement = try account.record(command.content, at: at, enforce: command.enforce)
            let event = RecordedEvent(
                id: command.event, user: command.user, content: command.content, at: at, recordedAt: now, settlement: settlement)
            after[command.account] = account
            touched.insert(command.account)
            leaders[command.key] = event
            recorded.append((command.tenant, event))
            return .success(UsageAnswer(event: event, isDuplicate: false))
        } catch {
            return .failure(.usage(error))
        }
    }
}
