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
        return try await readAtOnce { reading in
            let present = try self.present(user, in: tenant, at: now, reading)
            let closed = try PeriodCloses.days(of: user, in: month, of: tenant, reading)
            let calls = try ConsumptionMonths.calls(of: user, in: month, of: tenant, reading)
            return ConsumptionReport(
                user: user, plan: present.plan.name, month: month,
                consumption: Consumption(
                    apiCalls: calls, tokens: (present.unclosedDays + closed).tokens(in: month),
                    limits: self.settings.consumptionLimits(of: present.plan)))
        }
    }
}
