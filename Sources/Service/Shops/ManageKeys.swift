internal import Crypto
package import Metering
internal import Store

/// A new key with its secret, of which only the hash is stored.
struct NewKey: Sendable {
    let key: APIKey
    private let hash: [UInt8]
    /// `smk_<key id>_<secret>`, which is shown once.
    let text: String

    /// Makes a key with an id of 48 random bits and a secret of 256.
    init(name: String, scopes: Set<Scope>, at now: Timestamp) throws {
        let id = try Hex.text(randomBytes(6))
        let secret = try Hex.text(randomBytes(32))
        text = "smk_\(id)_\(secret)"
        key = APIKey(id: KeyID(stored: id), name: name, scopes: scopes, lastFour: String(secret.suffix(4)), createdAt: now)
        hash = try SHA256.hash(secret)
    }

    func stored(of tenant: Tenant) -> StoredKey { StoredKey(key, hash: hash, of: tenant) }
}

extension ShopMeter {
    /// Makes a key of a shop. `text` is the key itself.
    package func createKey(of shop: ShopID, name: String, scopes: Set<Scope>) async throws -> (key: APIKey, text: String) {
        try await createKey(of: shop, name: name, scopes: scopes, once: nil).result
    }

    /// Makes a key of a shop, once for an idempotency key. The answer that is kept does not have the key's text.
    package func createKey(
        of shop: ShopID, name: String, scopes: Set<Scope>, once: IdempotentRequest<APIKey>?
    ) async throws -> IdempotentOutcome<(key: APIKey, text: String)> {
        let made = try NewKey(name: name, scopes: scopes, at: clock.now())
        let outcome = try await retryingDuplicates {
            try await transaction { transaction in
                let tenant = try Self.shop(shop, transaction).tenant
                return try once.run(of: tenant, in: transaction) {
                    try APIKeys.insert(made.stored(of: tenant), in: transaction)
                    try AuditTrail.note(.keyCreate, made.key.id.rawValue, at: made.key.createdAt, of: tenant, in: transaction)
                    return made.key
                }
            }
        }
        // Somebody may have asked for it before.
        keys.forget(made.key.id)
        return outcome.map { (key: $0, text: made.text) }
    }

    package func keys(of shop: ShopID, after id: KeyID?, limit: Int) async throws -> [APIKey] {
        try await read { try KeyList().page(of: Self.shop(shop, $0).tenant, after: id, limit: limit, $0) }
    }

    /// Revokes a key. It stops working on this instance at once, and on every other within 5 s.
    package func revokeKey(_ id: KeyID, of shop: ShopID) async throws {
        let now = clock.now()
        let isFound = try await transaction { transaction in
            let tenant = try Self.shop(shop, transaction).tenant
            guard try APIKeys.revoke(id, of: tenant, at: now, in: transaction) else { return false }
            try AuditTrail.note(.keyRevoke, id.rawValue, at: now, of: tenant, in: transaction)
            return true
        }
        keys.forget(id)
        guard isFound else { throw ServiceError.notFound("The shop \(shop) has no key \(id).") }
    }
}
