internal import Bytes
package import Metering
internal import Store

/// The secrets by which an event of Stripe's is verified.
package struct StripeSecrets: Sendable {
    package let tenant: Tenant
    /// None: no event of Stripe's is accepted.
    package let secrets: [String]

    /// The most that a shop sets at once: one for each of its endpoints in Stripe.
    package static let maximum = 5
}

extension ShopMeter {
    /// The shop's signing secrets, nil when there is no such shop. A secret that another instance set is noticed within 5 s.
    package func stripeSecrets(of shop: ShopID) async throws -> StripeSecrets? {
        let (found, now) = (try await recentSecrets(of: shop), clock.now())
        return found.map { StripeSecrets(tenant: $0.tenant, secrets: $0.stripeSecrets(at: now)) }
    }

    /// The time by which signatures are verified: the system's, for a test shop too, as Stripe has no other clock.
    package var stripeTime: Timestamp { clock.now() }

    /// Sets the shop's signing secrets; none: no further event of Stripe's is accepted. Those of before count for `overlap` seconds more.
    package func setStripeSecrets(_ texts: [String], overlap: Int64 = 0, of shop: ShopID) async throws {
        let now = clock.now()
        let end = now.adding(milliseconds: overlap * 1_000)
        try await transaction { transaction in
            let found = try Self.secrets(of: shop, transaction)
            let retired = found.stripeSecrets.filter { old in old.counts(at: now) && !texts.contains { $0.hasSameBytes(as: old.text) } }.map
            {
                SigningSecret(text: $0.text, validUntil: min($0.validUntil ?? end, end))
            }
            let kept = overlap > 0 ? retired.prefix(ShopSecrets.maximumStripeSecrets - texts.count) : []
            try Shops.setStripeSecrets(texts.map { SigningSecret(text: $0) } + kept, of: found.tenant, in: transaction)
            try AuditTrail.note(.stripeSecretSet, at: now, of: found.tenant, in: transaction)
        }
        shopSecrets.forget(shop)
    }
}
