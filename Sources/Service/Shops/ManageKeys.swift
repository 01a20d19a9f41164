internal import Crypto
package import Metering
internal import Store

/// A new key with its secret, of which only the hash is stored.
struct NewKey: Sendable {
    let key: APIKey
    private let hash: [UInt8]
    /// The key itself (`KeyText`), which is shown once.
    let text: String

    /// `text`: as `KeyText.random` gives it.
    init(_ terms: APIKey.Terms, text: String, at now: Timestamp) throws {
        self.text = text
        guard let read = try KeyText(text) else { throw ServiceError.fault("a new key's text is none") }
        key = APIKey(id: read.id, terms: terms, lastFour: String(text.suffix(4)), createdAt: now)
        hash = try SHA256.hash(String(read.secret))
    }

    func stored(of tenant: Tenant) -> StoredKey { StoredKey(key, hash: hash, of: tenant) }
}

/// A key that was made in another one's place.
package struct KeyRotation: Sendable {
    package let key: APIKey
    package let replaces: KeyID
    /// Until when the one before counts.
    package let previousValidUntil: Timestamp?
}

extension ShopMeter {
    /// Makes a key of a shop. `text` is the key itself.
    package func createKey(of shop: ShopID, name: String, scopes: Set<Scope>) async throws -> (key: APIKey, text: String) {
        try await createKey(of: shop, .init(name: name, scopes: scopes), once: nil).result
    }

    /// Makes a key of a shop, once for an idempotency key. The answer that is kept does not have the key's text. Throws `invalid` for terms that
    /// are over.
    package func createKey(
        of shop: ShopID, _ terms: APIKey.Terms, once: IdempotentRequest<APIKey>?
    ) async throws -> IdempotentOutcome<(key: APIKey, text: String)> {
        let made = try NewKey(try checked(terms), text: KeyText.random(), at: clock.now())
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

    private func checked(_ terms: APIKey.Terms) throws -> APIKey.Terms {
        guard terms.expiresAt.map({ clock.now() < $0 }) != false else {
            throw ServiceError.invalid(field: "expires_at", expected: "must be in the future")
        }
        return terms
    }

    package func keys(of shop: ShopID, after id: KeyID?, limit: Int) async throws -> [APIKey] {
        try await read { try KeyList().page(of: Self.shop(shop, $0).tenant, after: id, limit: limit, $0) }
    }

    /// Makes a key in the place of another, which counts for `overlap` seconds more; once for an idempotency key. The answer that is kept does not
    /// have the key's text. Throws `conflict` for a key that does not count any more, or was replaced before.
    package func rotateKey(
        _ id: KeyID, of shop: ShopID, overlap: Int64, once: IdempotentRequest<KeyRotation>?
    ) async throws -> IdempotentOutcome<(rotation: KeyRotation, text: String)> {
        let now = clock.now()
        let text = try KeyText.random()
        let outcome = try await retryingDuplicates {
            try await transaction { transaction in
                let tenant = try Self.shop(shop, transaction).tenant
                return try once.run(of: tenant, in: transaction) {
                    let old = try Self.rotatable(id, of: tenant, at: now, transaction)
                    let new = try NewKey(old.termsOfNext(at: now), text: text, at: now)
                    let replaced = old.replaced(by: new.key.id, overlap: overlap, at: now)
                    try APIKeys.insert(new.stored(of: tenant), in: transaction)
                    try APIKeys.noteReplaced(replaced, of: tenant, in: transaction)
                    try AuditTrail.note(.keyRotate, id.rawValue, at: now, of: tenant, in: transaction)
                    return KeyRotation(key: new.key, replaces: id, previousValidUntil: replaced.terms.expiresAt)
                }
            }
        }
        keys.forget(id)
        return outcome.map { (rotation: $0, text: text) }
    }

    private static func rotatable(_ id: KeyID, of tenant: Tenant, at now: Timestamp, _ reading: Reading) throws -> APIKey {
        guard let key = try APIKeys.find(id, of: tenant, reading) else { throw noKey(id, of: tenant.shop) }
        guard key.isLive(at: now) else { throw ServiceError.conflict("The key \(id) does not count any more.") }
        if let next = key.replacedBy { throw ServiceError.conflict("The key \(id) was replaced by \(next).") }
        return key
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
        guard isFound else { throw Self.noKey(id, of: shop) }
    }

    private static func noKey(_ id: KeyID, of shop: ShopID) -> ServiceError { .notFound("The shop \(shop) has no key \(id).") }
}
