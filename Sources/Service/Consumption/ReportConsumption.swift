package import Metering
internal import Store

/// A user's consumption of a month, held against the limits of the present plan.
package struct ConsumptionReport: Sendable {
    package let user: UserID
    package let plan: PlanName
    package let month: CivilMonth
    package let consumption: Consumption
}

extension ShopMeter {
    /// The user's consumption of a month. Tokens come from the days of open and closed periods, so that no event is read. An unknown user has
    /// consumed nothing.
    package func consumption(of user: UserID, in tenant: Tenant, month: CivilMonth) async throws -> ConsumptionReport {
        let now = try await now(of: tenant)
        let stored = try await read { try Accounts.find(user, of: tenant, $0) }
        // A change that was scheduled for the period's end may give another plan.
        if let stored { _ = try await bringUpToDate(stored, of: tenant, at: now) }
        return try await readAtOnce { reading in
            let plan = try self.presentPlan(of: user, in: tenant, reading)
            let open = try Accounts.find(user, of: tenant, reading)?.daily ?? []
            let closed = try PeriodCloses.days(of: user, in: month, of: tenant, reading)
            let calls = try ConsumptionLog.total(of: user, in: month, of: tenant, reading)
            return ConsumptionReport(
                user: user, plan: plan.name, month: month,
                consumption: Consumption(
                    apiCalls: calls, tokens: (open + closed).tokens(in: month), limits: self.settings.consumptionLimits(of: plan)))
        }
    }

    /// The plan of the live subscription while its status entitles to it, else the free plan.
    private func presentPlan(of user: UserID, in tenant: Tenant, _ reading: Reading) throws -> Plan {
        if let subscription = try Subscriptions.live(user, of: tenant, reading), subscription.status.isEntitled { return subscription.plan }
        return try freePlan(of: tenant, reading)
    }
}
