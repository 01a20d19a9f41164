internal import Metering
internal import Store

/// Settles a group of commands on what is stored: closes the periods that are due first, in transactions of their own, and settles again
/// before a refusal stands.
struct GroupSettler: Sendable {
    let reader: GroupReader
    let periods: PeriodCloser

    func settle(_ commands: [AccountCommand], remembering memory: inout AccountMemory) throws -> GroupSettlement {
        let plan = GroupPlan(commands)
        let now = try reader.times(of: plan.tenants)
        var basis = try basis(of: plan, at: now, remembering: memory)
        let first = try settle(plan, on: basis, at: now)
        let refused = plan.refused(by: first)
        guard !refused.isEmpty else { return first }
        let holders = refused.filter { basis.accounts[$0]?.holdsAnything ?? false }
        let overdue = try reader.overdueHolds(of: holders, at: now)
        guard plan.mustSettleAgain(refused: refused, overdue: overdue, memory: memory) else { return first }
        memory.forget(refused)
        basis = try self.basis(of: plan, at: now, remembering: memory)
        basis.overdue = Array(overdue.keys)
        basis.reservations.merge(overdue) { known, _ in known }
        return try settle(plan, on: basis, at: now)
    }

    private func settle(_ plan: GroupPlan, on basis: GroupBasis, at now: ShopTimes) throws -> GroupSettlement {
        try GroupSettlement(plan.commands, on: basis, enforcement: periods.settings.enforcement, at: now)
    }

    private func basis(of plan: GroupPlan, at now: ShopTimes, remembering memory: AccountMemory) throws -> GroupBasis {
        var accounts = plan.remembered(in: memory)
        accounts.merge(try reader.accounts(plan.accounts.subtracting(accounts.keys))) { $1 }
        accounts.merge(try close(GroupPlan.due(accounts, at: now), at: now)) { $1 }
        return GroupBasis(
            accounts: accounts, freePlans: try reader.freePlans(of: plan.opening(beside: accounts)),
            reservations: try reader.reservations(plan.reservations), purchases: try reader.purchases(plan.purchases))
    }

    /// Closes the users' due periods, and returns their accounts as they are then.
    private func close(_ due: [(tenant: Tenant, users: [UserID])], at now: ShopTimes) throws -> [AccountKey: Account] {
        for (tenant, users) in due { try periods.close(users, of: tenant, at: now.of(tenant)) }
        return try reader.accounts(due.flatMap { tenant, users in users.map { AccountKey(tenant: tenant, user: $0) } })
    }
}
