package import Metering
internal import Store

/// What an event of Stripe's is held against.
package struct StripeSecret: Sendable {
    package let tenant: Tenant
    /// Nil: nothing of Stripe's is taken.
    package let secret: String?
}

extension ShopMeter {
    /// Nil when there is no such shop. What another instance set is noticed within 5 s.
    package func stripeSecret(of shop: ShopID) async throws -> StripeSecret? {
        try await recentSecrets(of: shop).map { StripeSecret(tenant: $0.tenant, secret: $0.stripeSecret) }
    }

    /// The system's time, for a test shop too: Stripe has no other clock.
    package var stripeTime: Timestamp { clock.now() }

    /// Nil: nothing of Stripe's is taken any more.
    package func setStripeSecret(_ secret: String?, of shop: ShopID) async throws {
        try await transaction { transaction in
            try Shops.setStripeSecret(secret, of: Self.shop(shop, transaction).tenant, in: transaction)
        }
        shopSecrets.forget(shop)
    }
}
