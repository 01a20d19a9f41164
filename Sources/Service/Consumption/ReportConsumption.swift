package import Metering
internal import Store

/// A user's consumption of a month, held against the limits of that month's plan.
package struct ConsumptionReport: Sendable {
    package let user: UserID
    package let plan: PlanName
    package let month: CivilMonth
    package let consumption: Consumption
}

extension ShopMeter {
    /// The user's consumption of a month; nil: the present one. Tokens come from the days of open and closed periods, and of the events only the late ones
    /// are read. An unknown user has consumed nothing.
    package func consumption(of user: UserID, in tenant: Tenant, month: CivilMonth?) async throws -> ConsumptionReport {
        let now = try await now(of: tenant)
        let month = month ?? CivilMonth(of: now.day)
        return try await readAtOnce { reading in
            let present = try self.present(user, in: tenant, at: now, reading)
            let closed = try PeriodCloses.overlapping(month, of: user, in: tenant, reading)
            let days = present.unclosedDays + closed.flatMap(\.days)
            let late = try UsageEvents.lateTokens(of: user, in: month, tenant, reading)
            let plan = present.terms(atTheEndOf: month, now, closed: closed + present.account.closed)
            return ConsumptionReport(
                user: user, plan: plan.name, month: month,
                consumption: Consumption(
                    apiCalls: try ConsumptionMonths.calls(of: user, in: month, of: tenant, reading),
                    tokens: days.tokens(in: month, late: late),
                    limits: self.settings.consumptionLimits(of: plan.name, own: plan.limits)))
        }
    }
}

extension PresentState {
    /// The name of the plan that counted at the month's end, or of a month that is not over now, with the limits that it names itself.
    fileprivate func terms(
        atTheEndOf month: CivilMonth, _ now: Timestamp, closed: [ClosedPeriod]
    ) -> (name: PlanName, limits: [Meter: Limit]) {
        let present = (name: plan.name, limits: plan.ownLimits)
        let last = month.period.end.adding(milliseconds: -1)
        guard last < now else { return present }
        if let close = closed.last(where: { $0.summary.period.contains(last) }) {
            let limits = close.summary.meters.map { ($0.meter, $0.limit) }
            return (close.summary.plan, Dictionary(limits, uniquingKeysWith: { first, _ in first }))
        }
        guard account.period.contains(last), let entry = liveSubscription?.history.last(where: { $0.contains(last) }),
            entry.plan != plan.name
        else { return present }
        return (entry.plan, [.tokens: entry.tokens])
    }
}

extension PlanHistoryEntry {
    fileprivate func contains(_ time: Timestamp) -> Bool { start <= time && end.map { time < $0 } ?? true }
}

extension Plan {
    /// The limits of the meters that the plan names.
    fileprivate var ownLimits: [Meter: Limit] { Dictionary(uniqueKeysWithValues: allowances.keys.map { ($0, terms(of: $0).limit) }) }
}
