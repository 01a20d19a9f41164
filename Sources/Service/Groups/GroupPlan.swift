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

    /// The shops whose time is needed.
    var tenants: Set<Tenant> { Set(accounts.map(\.tenant)) }

    /// The accounts that are remembered; the others are to be read.
    func remembered(in memory: AccountMemory) -> [AccountKey: Account] {
        var found: [AccountKey: Account] = [:]
        for key in accounts { found[key] = memory[key] }
        return found
    }

    /// The shops whose free plan is needed, as an account of theirs is to be opened.
    func opening(beside accounts: [AccountKey: Account]) -> Set<Tenant> {
        Set(self.accounts.filter { accounts[$0] == nil }.map(\.tenant))
    }

    /// Users whose periods are to be closed first, each batch as many as `PeriodCloser` closes together.
    static func due(
        _ accounts: [AccountKey: Account], at now: ShopTimes
    ) -> [(tenant: Tenant, users: [UserID])] {
        let due = accounts.filter { $0.value.period.isDue(at: now.of($0.key.tenant)) }.map(\.key)
        return Dictionary(grouping: due, by: \.tenant).flatMap { tenant, keys in
            stride(from: 0, to: keys.count, by: PeriodCloser.group).map { start in
                (tenant, keys[start..<min(start + PeriodCloser.group, keys.count)].map(\.user))
            }
        }
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
