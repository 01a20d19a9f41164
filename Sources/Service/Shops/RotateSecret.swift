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
    /// Gives a shop a new JWT secret. The present one counts for `overlap` seconds more; one before it stops now.
    package func rotateSecret(of shop: ShopID, overlap: Int64) async throws -> (rotation: SecretRotation, secret: String) {
        try await rotateSecret(of: shop, overlap: overlap, once: nil).result
    }

    /// Gives a shop a new JWT secret, once for an idempotency key. The answer that is kept does not have the secret.
    package func rotateSecret(
        of shop: ShopID, overlap: Int64, once: IdempotentRequest<SecretRotation>?
    ) async throws -> IdempotentOutcome<(rotation: SecretRotation, secret: String)> {
        let secret = try ShopSecrets.newJWTSecret()
        let now = clock.now()
        let rotation = SecretRotation(shop: shop, previousValidUntil: now.adding(milliseconds: overlap * 1_000))
        let outcome = try await retryingDuplicates {
            try await transaction { transaction in
                let found = try Self.secrets(of: shop, transaction)
                return try once.run(of: found.tenant, at: now, in: transaction) {
                    let previous = RetiredSecret(text: found.jwtSecret, validUntil: rotation.previousValidUntil)
                    try Shops.replaceJWTSecret(with: secret, previous: previous, of: found.tenant, in: transaction)
                    return rotation
                }
            }
        }
        shopSecrets.forget(shop)
        return outcome.map { (rotation: $0, secret: secret) }
    }
}

extension ShopSecrets {
    /// 256 random bits, as many as HS256 asks for (RFC 7518, 3.2).
    static func newJWTSecret() throws -> String { try Hex.text(randomBytes(32)) }
}
