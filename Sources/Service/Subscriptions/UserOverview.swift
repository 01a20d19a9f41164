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
        let (holdsAnything, clocks) = (summary.account.holdsAnything, clocks)
        return try await read { reading in
            UserOverview(
                summary: summary,
                openHolds: holdsAnything ? try Reservations.open(of: user, in: tenant, limit: UserOverview.maximumHolds, reading) : [],
                wallet: try Self.walletIfAny(of: .user(user), in: tenant, at: clocks.now(of: tenant, reading), reading))
        }
    }
}
