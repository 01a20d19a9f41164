package import Metering
internal import Store

/// The secret by which an event of Stripe's is verified.
package struct StripeSecret: Sendable {
    package let tenant: Tenant
    /// Nil: no event of Stripe's is accepted.
    package let secret: String?
}

extension ShopMeter {
    /// The shop's signing secret, nil when there is no such shop. A secret that another instance set is noticed within 5 s.
    package func stripeSecret(of shop: ShopID) async throws -> StripeSecret? {
        try await recentSecrets(of: shop).map { StripeSecret(tenant: $0.tenant, secret: $0.stripeSecret) }
    }

    /// The time by which signatures are verified: the system's, for a test shop too, as Stripe has no other clock.
    package var stripeTime: Timestamp { clock.now() }

    /// Sets the shop's signing secret; nil: no further event of Stripe's is accepted.
    package func setStripeSecret(_ secret: String?, of shop: ShopID) async throws {
        try await transaction { transaction in
            try Shops.setStripeSecret(secret, of: Self.shop(shop, transaction).tenant, in: transaction)
        }
        shopSecrets.forget(shop)
    }
}
