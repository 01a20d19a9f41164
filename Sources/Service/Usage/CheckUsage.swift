package import Metering
internal import Store

extension ShopMeter {
    /// What would become of an amount, from where it would be taken, and why not. Changes nothing.
    package func check(_ amount: Quantity, of meter: Meter, for user: UserID, in tenant: Tenant) async throws -> UsageCheck {
        let summary = try await usage(of: user, in: tenant)
        return summary.account.balance(of: meter).explain(amount, standing: summary.subscription?.status)
    }
}
