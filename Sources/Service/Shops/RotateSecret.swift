internal import Crypto
package import Metering
internal import Store

/// The change of a shop's JWT secret, without the secret.
package struct SecretRotation: Sendable {
    /// For how many seconds the previous secret may still count.
    package static let overlaps: ClosedRange<Int64> = 0...604_800
    package static let defaultOverlap: Int64 = 86_400

    package let shop: ShopID
    /// When tokens that are signed with the previous secret stop counting.
    package let previousValidUntil: Timestamp
}

extension ShopMeter {
    /// Gives a shop a new JWT secret. The present one counts for `overlap` seconds more; the one before it
    /// stops at once.
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
                return try once.run(of: found.tenant, in: transaction) {
                    let previous = RetiredSecret(text: found.jwtSecret, validUntil: rotation.previousValidUntil)
                    try Shops.replaceJWTSecret(with: secret, previous: previous, of: found.tenant, in: transaction)
                    try AuditTrail.note(.secretRotate, at: now, of: found.tenant, in: transaction)
                    return rotation
                }
            }
        }
        shopSecrets.forget(shop)
        return outcome.map { (rotation: $0, secret: secret) }
    }
}

extension ShopSecrets {
    /// 256 random bits in hexadecimal, as many as HS256 requires (RFC 7518, section 3.2).
    static func newJWTSecret() throws -> String { try Hex.text(randomBytes(32)) }
}

/// The secrets and the time by which a user's token is verified.
package struct TokenSecrets: Sendable {
    package let tenant: Tenant
    /// Newest first. The bytes of each text are the key.
    package let secrets: [String]
    /// The system's time, for a test shop too: the signer has no other clock, and a test clock that is moved by a year must not end every
    /// token, nor one that stands still keep a token for ever.
    package let now: Timestamp
}

extension ShopMeter {
    /// The shop's JWT secrets, nil when there is no such shop. A rotation on another instance is noticed within 5 s.
    package func tokenSecrets(of shop: ShopID) async throws -> TokenSecrets? {
        let (found, now) = (try await recentSecrets(of: shop), clock.now())
        return found.map { TokenSecrets(tenant: $0.tenant, secrets: $0.jwtSecrets(at: now), now: now) }
    }

    /// Whether the shop's secrets can only be found by a look-up in the database, as nothing is remembered of them.
    package func isStranger(_ shop: ShopID) -> Bool { shopSecrets.isStranger(shop) }

    /// A shop's secrets, as they were read within the last 5 s; nil when there is no such shop.
    func recentSecrets(of shop: ShopID) async throws -> ShopSecrets? {
        try await shopSecrets.value(of: shop) { id in try await read { try Shops.findSecrets(of: id, $0) } }
    }
}
