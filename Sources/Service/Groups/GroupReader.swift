internal import Metering
internal import Store

/// Reads what a group of commands rests on, and settles it.
struct GroupReader: Sendable {
    let store: MeterStore
    let clocks: ShopClocks
    let periods: PeriodCloser

    /// The most overdue holds of one user that are ended on the way.
    static let overdueLimit = 100

    /// A refusal writes nothing that would tell whether its account is still as it was remembered, and a hold past its time must not be
    /// its cause: it is made on what is stored, with such holds ended.
    func settle(_ commands: [AccountCommand], remembering memory: inout AccountMemory) throws -> GroupSettlement {
        let now = try times(of: commands)
        var basis = try read(commands, at: now, remembering: memory)
        let first = try settle(commands, on: basis, at: now)
        let refused = Set(zip(commands, first.settled).filter { $1.isRefused }.map(\.0.account))
        guard !refused.isEmpty else { return first }
        let overdue = try overdue(of: refused, in: basis, at: now)
        guard !overdue.isEmpty || refused.contains(where: { memory[$0] != nil }) else { return first }
        memory.forget(refused)
        basis = try read(commands, at: now, remembering: memory)
        basis.overdue = Array(overdue.keys)
        basis.reservations.merge(overdue) { known, _ in known }
        return try settle(commands, on: basis, at: now)
    }

    private func settle(_ commands: [AccountCommand], on basis: GroupBasis, at now: ShopTimes) throws -> GroupSettlement {
        var free: [Tenant: Plan] = [:]
        return try GroupSettlement(
            commands, on: basis, opening: { try opened($0, free: &free, at: now) }, enforcement: periods.settings.enforcement, at: now)
    }

    private func times(of commands: [AccountCommand]) throws -> ShopTimes {
        var times: ShopTimes = [:]
        for tenant in Set(commands.map(\.account.tenant)) {
            times[tenant] = try clocks.known(tenant) ?? store.blockingRead { try clocks.now(of: tenant, $0) }
        }
        return times
    }

    private func read(_ commands: [AccountCommand], at now: ShopTimes, remembering memory: AccountMemory) throws -> GroupBasis {
        let (reservations, purchases) = (commands.compactMap(\.reservation), commands.compactMap(\.purchase))
        return GroupBasis(
            accounts: try accounts(of: commands, at: now, remembering: memory),
            reservations: reservations.isEmpty ? [:] : try store.blockingRead { try Reservations.find(reservations, $0) },
            purchases: purchases.isEmpty ? [:] : try store.blockingRead { try Purchases.find(purchases, $0) })
    }

    private func overdue(
        of accounts: Set<AccountKey>, in basis: GroupBasis, at now: ShopTimes
    ) throws -> [ReservationKey: Reservation] {
        var found: [ReservationKey: Reservation] = [:]
        for key in accounts where basis.accounts[key]?.holdsAnything ?? false {
            let overdue = try store.blockingRead {
                try Reservations.open(of: key.user, in: key.tenant, expiringBy: now.of(key.tenant), limit: Self.overdueLimit, $0)
            }
            for reservation in overdue { found[ReservationKey(tenant: key.tenant, id: reservation.id)] = reservation }
        }
        return found
    }

    /// The stored accounts of the commands, in their current periods.
    private func accounts(
        of commands: [AccountCommand], at now: ShopTimes, remembering memory: AccountMemory
    ) throws -> [AccountKey: Account] {
        let keys = Set(commands.map(\.account))
        var found: [AccountKey: Account] = [:]
        for key in keys { found[key] = memory[key] }
        let missing = keys.filter { found[$0] == nil }
        if !missing.isEmpty { found.merge(try read(Array(missing))) { $1 } }
        let due = found.filter { $0.value.period.isDue(at: now.of($0.key.tenant)) }.map(\.key)
        guard !due.isEmpty else { return found }
        for (tenant, keys) in Dictionary(grouping: due, by: \.tenant) {
            for start in stride(from: 0, to: keys.count, by: PeriodCloser.group) {
                try periods.close(keys[start..<min(start + PeriodCloser.group, keys.count)].map(\.user), of: tenant, at: now.of(tenant))
            }
        }
        return found.merging(try read(due)) { $1 }
    }

    private func read(_ keys: [AccountKey]) throws -> [AccountKey: Account] {
        try store.blockingRead { try Accounts.find(keys, $0) }
    }

    private func opened(_ command: AccountCommand, free: inout [Tenant: Plan], at now: ShopTimes) throws -> Account {
        let tenant = command.account.tenant
        let plan =
            try free[tenant]
            ?? store.blockingRead { try ShopMeter.freePlan(of: tenant, settings: periods.settings, $0) }
        free[tenant] = plan
        return .opened(for: command.account.user, free: plan, at: now.of(tenant), covering: command.usage?.opensFrom)
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
