internal import Metering
internal import Store

/// Settles a group of commands on what is stored: closes the periods that are due first, in a transaction of their own, and settles again before a
/// refusal stands.
struct GroupSettler: Sendable {
    let reader: GroupReader
    let periods: PeriodCloser
    var outbox: Outbox { periods.settings.outbox }

    /// Settles the commands, but for those of the accounts that it postpones: where periods are due, accounts without such go first, and those whose
    /// periods must be closed come in small groups after them.
    func settle(
        _ commands: [AccountCommand], remembering memory: inout AccountMemory
    ) throws -> (GroupSettlement, postponed: Set<AccountKey>) {
        var plan = GroupPlan(commands)
        let now = try reader.times(of: plan.tenants)
        var accounts = try accounts(of: plan, remembering: &memory)
        let due = plan.due(accounts, at: now)
        var postponed = due.postponed
        if let closing = due.closing {
            let closed = try periods.close(closing.users, of: closing.tenant, at: now.of(closing.tenant))
            postponed.formUnion(closed.left.map { AccountKey(tenant: closing.tenant, user: $0) })
            accounts.merge(closed.stored) { $1 }
        }
        // They are in the next groups, which need not read them again.
        for key in postponed { memory.remember(accounts[key], of: key) }
        if !postponed.isEmpty { plan = GroupPlan(commands.filter { !postponed.contains($0.account) }) }
        return (try settle(plan, on: accounts, at: now, remembering: &memory), postponed)
    }

    private func settle(
        _ plan: GroupPlan, on accounts: [AccountKey: Account], at now: ShopTimes, remembering memory: inout AccountMemory
    ) throws -> GroupSettlement {
        var basis = try basis(of: plan, accounts)
        let first = try settle(plan, on: basis, at: now)
        let refused = plan.refused(by: first)
        guard !refused.isEmpty else { return first }
        let holders = refused.filter { basis.accounts[$0]?.holdsAnything ?? false }
        let overdue = try reader.overdueHolds(of: holders, at: now)
        guard plan.mustSettleAgain(refused: refused, overdue: overdue, memory: memory) else { return first }
        memory.forget(refused)
        basis = try self.basis(of: plan, self.accounts(of: plan, remembering: &memory))
        basis.overdue = Array(overdue.keys)
        basis.reservations.merge(overdue) { known, _ in known }
        return try settle(plan, on: basis, at: now)
    }

    private func settle(_ plan: GroupPlan, on basis: GroupBasis, at now: ShopTimes) throws -> GroupSettlement {
        try GroupSettlement(plan.commands, on: basis, enforcement: periods.settings.enforcement, at: now)
    }

    private func accounts(of plan: GroupPlan, remembering memory: inout AccountMemory) throws -> [AccountKey: Account] {
        var known = plan.remembered(in: memory)
        if periods.settings.enforcement == .on {
            let uncertain = plan.mayRefuse(known)
            memory.forget(uncertain)
            for key in uncertain { known[key] = nil }
        }
        return known.merging(try reader.accounts(plan.accounts.subtracting(known.keys))) { $1 }
    }

    private func basis(of plan: GroupPlan, _ accounts: [AccountKey: Account]) throws -> GroupBasis {
        GroupBasis(
            accounts: accounts, freePlans: try reader.freePlans(of: plan.opening(beside: accounts)),
            reservations: try reader.reservations(plan.reservations), purchases: try reader.purchases(plan.purchases),
            classMeters: try reader.classMeters(of: plan.callers, accounts))
    }
}
