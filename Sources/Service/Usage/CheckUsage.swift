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
    /// The shop's time of this summary.
    package let at: Timestamp
    /// Whether it is of the past: then the account is without its days, sums and closed periods.
    package var isPast = false
}

extension ShopMeter {
    /// The user's account with its subscription. A user for whom nothing was recorded is on the free plan and has used nothing.
    package func usage(of user: UserID, in tenant: Tenant) async throws -> UsageSummary {
        let present = try await present(user, in: tenant)
        return UsageSummary(
            shop: tenant.shop, account: present.account.under(settings.enforcement), plan: present.plan,
            subscription: present.liveSubscription, daysRemaining: present.account.period.daysRemaining(at: present.at), at: present.at)
    }

    /// Whether the amount is there, from which balances it would be taken, and why it would be refused. Changes nothing.
    package func checkUsage(_ amount: Quantity, of meter: Meter, for user: UserID, in tenant: Tenant) async throws -> UsageCheck {
        let summary = try await usage(of: user, in: tenant)
        return summary.account.balance(of: meter).explain(amount, status: summary.subscription?.status)
    }
}
