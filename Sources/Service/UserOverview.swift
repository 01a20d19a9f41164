package import Metering
internal import Store

/// Everything about a user.
package struct UserOverview: Sendable {
    package let summary: UsageSummary
    /// The first to expire first, `maximumHolds` at most.
    package let openHolds: [Reservation]

    package static let maximumHolds = 200
}

extension ShopMeter {
    package func overview(of user: UserID, in tenant: Tenant) async throws -> UserOverview {
        let summary = try await usage(of: user, in: tenant)
        guard summary.account.holdsAnything else { return UserOverview(summary: summary, openHolds: []) }
        let holds = try await read { try Reservations.open(of: user, in: tenant, limit: UserOverview.maximumHolds, $0) }
        return UserOverview(summary: summary, openHolds: holds)
    }
}
