package import Metering
internal import Store

/// A user's account with the subscription it belongs to.
package struct UsageSummary: Sendable {
    package let shop: ShopID
    package let account: Account
    /// The plan whose limits count: the subscription's, else the free plan.
    package let plan: Plan
    /// The live subscription, if there is one.
    package let subscription: Subscription?
    /// Whole days to the end of the account's period.
    package let daysRemaining: Int
}

extension ShopMeter {
    /// The user's account with its subscription. A user for whom nothing was recorded is on the free plan and has used nothing.
    package func usage(of user: UserID, in tenant: Tenant) async throws -> UsageSummary {
        let now = try await now(of: tenant)
        let summary = try await summary(of: user, in: tenant, at: now)
        guard try await bringUpToDate(summary.account, of: tenant, at: now) else { return summary }
        return try await self.summary(of: user, in: tenant, at: now)
    }

    /// Whether the amount is there, from which balances it would be taken, and why it would be refused. Changes nothing.
    package func checkUsage(_ amount: Quantity, of meter: Meter, for user: UserID, in tenant: Tenant) async throws -> UsageCheck {
        let summary = try await usage(of: user, in: tenant)
        return summary.account.balance(of: meter).explain(amount, status: summary.subscription?.status)
    }

    private func summary(of user: UserID, in tenant: Tenant, at now: Timestamp) async throws -> UsageSummary {
        let enforcement = settings.enforcement
        return try await read { reading in
            let free = try self.freePlan(of: tenant, reading)
            let subscription = try Subscriptions.live(user, of: tenant, reading)
            let account = try Accounts.find(user, of: tenant, reading) ?? .opened(for: user, free: free, at: now)
            let plan = subscription.flatMap { $0.status.isEntitled ? $0.plan : nil }
            return UsageSummary(
                shop: tenant.shop, account: account.under(enforcement), plan: plan ?? free, subscription: subscription,
                daysRemaining: account.period.daysRemaining(at: now))
        }
    }
}
