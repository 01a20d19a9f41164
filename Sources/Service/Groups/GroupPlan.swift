internal import Metering
internal import Store

/// What a group of commands needs of the database before it is settled, and whether its settlement stands. No I/O.
struct GroupPlan {
    let commands: [AccountCommand]
    let accounts: Set<AccountKey>
    let reservations: [ReservationKey]
    let purchases: [PurchaseKey]

    init(_ commands: [AccountCommand]) {
        self.commands = commands
        accounts = Set(commands.map(\.account))
        reservations = commands.compactMap(\.reservation)
        purchases = commands.compactMap(\.purchase)
    }

    /// The accounts of calls.
    var callers: Set<AccountKey> { Set(commands.filter { $0.call != nil }.map(\.account)) }

    /// The shops whose time is needed.
    var tenants: Set<Tenant> { Set(accounts.map(\.tenant)) }

    /// The accounts that are remembered; the others are to be read.
    func remembered(in memory: AccountMemory) -> [AccountKey: Account] {
        var found: [AccountKey: Account] = [:]
        for key in accounts { found[key] = memory[key] }
        return found
    }

    /// The accounts, of those remembered, on which a command may be refused: these are read at once, as a refusal is only made on what is stored.
    func mayRefuse(_ accounts: [AccountKey: Account]) -> Set<AccountKey> {
        var asked: [AccountKey: [Meter: Quantity]] = [:]
        for command in commands where command.isEnforced { asked[command.account] = [:] }
        guard !asked.isEmpty else { return [] }
        for command in commands {
            guard let request = command.refusable, let sums = asked[command.account] else { continue }
            asked[command.account]?[request.meter] = (sums[request.meter] ?? 0).bounded(adding: request.amount)
        }
        let uncertain = asked.filter { key, sums in
            accounts[key].map { account in sums.contains { !account.balance(of: $0.key).allows($0.value) } } ?? false
        }
        return Set(uncertain.keys)
    }

    /// The shops whose free plan is needed, as an account of theirs is to be opened.
    func opening(beside accounts: [AccountKey: Account]) -> Set<Tenant> {
        Set(self.accounts.filter { accounts[$0] == nil }.map(\.tenant))
    }

    /// What is to be done about accounts whose periods are due: none is closed and all are postponed beside accounts that can go on at once; else
    /// as many users of one shop are closed as one transaction closes beside others' events, and the rest is postponed.
    func due(
        _ accounts: [AccountKey: Account], at now: ShopTimes
    ) -> (closing: (tenant: Tenant, users: [UserID])?, postponed: Set<AccountKey>) {
        let due = Set(accounts.filter { $0.value.period.isDue(at: now.of($0.key.tenant)) }.keys)
        guard due.count == self.accounts.count, let tenant = commands.first?.account.tenant else { return (nil, due) }
        let users = due.filter { $0.tenant == tenant }.map(\.user).prefix(PeriodCloser.groupOfEvents)
        return ((tenant, Array(users)), due.subtracting(users.map { AccountKey(tenant: tenant, user: $0) }))
    }

    /// The accounts on which the settlement refused a command.
    func refused(by settlement: GroupSettlement) -> Set<AccountKey> {
        Set(zip(commands, settlement.settled).filter { $1.isRefused }.map(\.0.account))
    }

    /// Whether the group is to be settled again before its refusals stand. A refusal writes nothing that would show whether its account is
    /// still as it was remembered, and a hold past its time must not be its cause: it is made on what is stored, with such holds ended.
    func mustSettleAgain(refused: Set<AccountKey>, overdue: [ReservationKey: Reservation], memory: AccountMemory) -> Bool {
        !overdue.isEmpty || refused.contains { memory[$0] != nil }
    }
}

/// The time of each shop of a group.
typealias ShopTimes = [Tenant: Timestamp]

extension ShopTimes {
    func of(_ tenant: Tenant) -> Timestamp { self[tenant] ?? Timestamp(milliseconds: 0) }
}

extension GroupSettlement.Settled {
    fileprivate var isRefused: Bool {
        if case .refused = self { true } else { false }
    }
}
