package import Metering
internal import Store

/// A user's stay on the users' page.
package struct PortalSession: Sendable {
    /// In seconds.
    package static let durations: ClosedRange<Int64> = 60...86_400
    package static let defaultDuration: Int64 = 3_600

    package let shop: ShopID
    package let user: UserID
    package let begin: Timestamp
    package let end: Timestamp
    /// Signs the token of the session.
    package let secret: String
}

extension ShopMeter {
    /// A session of a user's, for so many seconds. Nothing is stored: its token says all of it.
    package func portalSession(of user: UserID, seconds: Int64, in tenant: Tenant) async throws -> PortalSession {
        guard let secrets = try await recentSecrets(of: tenant.shop) else { throw ServiceError.fault("The shop of a key is gone.") }
        let now = clock.now()
        return PortalSession(
            shop: tenant.shop, user: user, begin: now, end: now.adding(milliseconds: seconds * 1_000), secret: secrets.jwtSecret)
    }

    /// How the shop looks to its users. A change on another instance is noticed within 5 s.
    package func look(of tenant: Tenant) async throws -> (name: String, color: BrandColor?, currency: Currency) {
        guard let shop = try await recentShop(tenant.shop) else { throw ServiceError.fault("The shop of a token is gone.") }
        return (shop.name, shop.rules.color, shop.currency)
    }

    /// Whether pages of the origin may call with credentials of the shop's.
    package func allows(_ origin: String, of tenant: Tenant) async throws -> Bool {
        try await allows(origin, ofShop: tenant.shop)
    }

    /// Whether pages of the origin may call with credentials of the shop's; no, where there is no such shop.
    package func allows(_ origin: String, ofShop shop: ShopID) async throws -> Bool {
        try await recentShop(shop)?.rules.origins.contains { $0.text == origin } ?? false
    }

    private func recentShop(_ shop: ShopID) async throws -> Shop? {
        try await shopLooks.value(of: shop) { id in try await self.read { try Shops.find(id, $0) } }
    }
}
