internal import Bytes
internal import Crypto
package import Metering
package import Store
internal import Synchronization

/// The key to a shop's data, under a name that the rooms above can use without importing `Store`.
package typealias Tenant = Store.Tenant

/// Who is calling, after authentication.
package enum Credential: Sendable {
    case admin
    case shop(Tenant, scopes: Set<Scope>, key: KeyID)
    case endUser(Tenant, UserID)

    /// The shop that calls, itself or by one of its users; nil for the platform's operator.
    package var shop: Tenant? {
        switch self {
        case .shop(let tenant, _, _), .endUser(let tenant, _): tenant
        case .admin: nil
        }
    }

    package var shopID: ShopID? { shop?.shop }
}

extension ShopMeter {
    /// The owner of a bearer token that came from that address. Throws `unauthorized` for every other text, whatever is wrong with it.
    package func authenticate(bearer token: String, from address: String? = nil) async throws -> Credential {
        guard token.utf8.count <= Self.maximumTokenLength else { throw ServiceError.unauthorized }
        if KeyText.isClaimed(by: token) {
            guard let read = try keyTexts.read(token) else { throw ServiceError.unauthorized }
            return try await authenticate(key: read.id, digest: read.digest, from: address)
        }
        // Digests are compared, so that the time of the comparison tells nothing about the token, not even its length.
        guard try constantTimeEqual(SHA256.hash(token), SHA256.hash(settings.adminToken)) else { throw ServiceError.unauthorized }
        return .admin
    }

    /// Whether the token's owner can only be found by a look-up in the database: a key of which nothing is remembered.
    package func isStranger(bearer token: String) -> Bool {
        guard token.utf8.count <= Self.maximumTokenLength, let read = try? keyTexts.read(token) else { return false }
        return keys.isStranger(read.id)
    }

    static let maximumTokenLength = 4_096

    private func authenticate(key id: KeyID, digest: [UInt8], from address: String?) async throws -> Credential {
        let found = try await keys.value(of: id) { id in
            try await read { reading in try APIKeys.find(id, reading) }
        }
        let now = clock.now()
        guard let found, constantTimeEqual(digest, found.hash), found.key.admits(address, at: now) else {
            throw ServiceError.unauthorized
        }
        keyUses.note(found, at: now)
        return .shop(found.tenant, scopes: found.key.terms.scopes, key: id)
    }
}

/// The texts of keys that came lately, so that a backend's key is not read and digested with each of its requests. That a text is remembered says
/// nothing of its secret: the digest is compared each time.
final class KeyTexts: Sendable {
    typealias Read = (id: KeyID, digest: [UInt8])

    private let known = Mutex(BoundedCache<Bytewise<String>, Read>(capacity: 10_000))

    /// The id, and the digest of the secret, 32 bytes; nil for a text that no key ever had.
    func read(_ token: String) throws(CryptoFailure) -> Read? {
        let text = Bytewise(wrappedValue: token)
        if let read = known.withLock({ $0.use(text) }) { return read }
        guard let key = try KeyText(token) else { return nil }
        let read = (id: key.id, digest: try SHA256.hash(String(key.secret)))
        known.withLock { $0[text] = read }
        return read
    }
}
