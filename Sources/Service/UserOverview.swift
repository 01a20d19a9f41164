package import Metering
internal import Store

/// Everything about a user.
package struct UserOverview: Sendable {
    package let summary: UsageSummary
    /// The first to expire first, `maximumHolds` at most.
    package let openHolds: [Reservation]
    /// Nil when none was opened.
    package let wallet: Wallet?

    package static let maximumHolds = 200
}

extension ShopMeter {
    package func overview(of user: UserID, in tenant: Tenant) async throws -> UserOverview {
        let summary = try await usage(of: user, in: tenant)
        let holdsAnything = summary.account.holdsAnything
        let clocks = clocks
        return try await read { reading in
            var wallet = try Wallets.find(.user(user), of: tenant, reading)
            _ = wallet?.closeQuotaMonth(at: try clocks.now(of: tenant, reading))
            return UserOverview(
                summary: summary,
                openHolds: holdsAnything ? try Reservations.open(of: user, in: tenant, limit: UserOverview.maximumHolds, reading) : [],
                wallet: wallet)
        }
    }
}
