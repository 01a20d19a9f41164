internal import Crypto
package import Metering
internal import Store

/// A shop has a new JWT secret.
package struct SecretRotation: Sendable {
    /// For how many seconds the secret before may still count.
    package static let overlaps: ClosedRange<Int64> = 0...604_800
    package static let defaultOverlap: Int64 = 86_400

    package let shop: ShopID
    /// Tokens that are signed with the secret before count until then.
    package let previousValidUntil: Timestamp
}

extension ShopMeter {
    /// `overlap`: for how many seconds the present secret still counts; one before it stops now.
    /// `once`: the request's idempotency key with how its answer is written, which must not have the secret.
    package func rotateSecret(
        of shop: ShopID, overlap: Int64, once: IdempotentRequest<SecretRotation>? = nil
    ) async throws -> (rotation: SecretRotation, secret: String) {
        let secret = try ShopSecrets.newJWTSecret()
        let now = clock.now()
        let rotation = SecretRotation(shop: shop, previousValidUntil: now.adding(milliseconds: overlap * 1_000))
        try await retryingDuplicates {
            try await transaction { transaction in
                let found = try Self.secrets(of: shop, transaction)
                try once?.replay(of: found.tenant, transaction)
                let previous = RetiredSecret(text: found.jwtSecret, validUntil: rotation.previousValidUntil)
                try Shops.replaceJWTSecret(with: secret, previous: previous, of: found.tenant, in: transaction)
                try once?.remember(rotation, of: found.tenant, at: now, in: transaction)
            }
        }
        shopSecrets.forget(shop)
        return (rotation, secret)
    }
}

extension ShopSecrets {
    /// 256 random bits, as many as HS256 asks for (RFC 7518, 3.2).
    static func newJWTSecret() throws -> String { try Hex.text(randomBytes(32)) }
}
