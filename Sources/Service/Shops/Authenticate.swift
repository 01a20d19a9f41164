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
}

extension ShopMeter {
    /// The owner of a bearer token. Throws `unauthorized` for every other text, whatever is wrong with it.
    package func authenticate(bearer token: String) async throws -> Credential {
        guard token.utf8.count <= Self.maximumTokenLength else { throw ServiceError.unauthorized }
        if let (id, secret) = Self.apiKey(token) { return try await authenticate(key: id, digest: digests.of(secret, in: token)) }
        // Digests are compared, so that the time of the comparison tells nothing about the token, not even its length.
        guard try constantTimeEqual(SHA256.hash(token), SHA256.hash(settings.adminToken)) else { throw ServiceError.unauthorized }
        return .admin
    }

    /// Whether the token's owner can only be found by a look-up in the database: a key of which nothing is remembered.
    package func isStranger(bearer token: String) -> Bool {
        guard token.utf8.count <= Self.maximumTokenLength, let (id, _) = Self.apiKey(token) else { return false }
        return keys.isStranger(id)
    }

    static let maximumTokenLength = 4_096

    private func authenticate(key id: KeyID, digest: [UInt8]) async throws -> Credential {
        let found = try await keys.value(of: id) { id in
            try await read { reading in try APIKeys.find(id, reading) }
        }
        guard let found, constantTimeEqual(digest, found.hash), found.key.revokedAt == nil else {
            throw ServiceError.unauthorized
        }
        return .shop(found.tenant, scopes: found.key.scopes, key: id)
    }

    /// The parts of `smk_<key id>_<secret>`.
    private static func apiKey(_ token: String) -> (id: KeyID, secret: Substring)? {
        guard token.utf8.starts(with: "smk_".utf8) else { return nil }
        let rest = token.utf8.dropFirst(4)
        guard let end = rest.firstIndex(of: UInt8(ascii: "_")), let id = KeyID(rawValue: String(Substring(rest[..<end]))) else {
            return nil
        }
        return (id, Substring(rest[rest.index(after: end)...]))
    }
}

/// The digests of secrets that came lately, so that a backend's secret is not digested with each of its requests. That a digest is remembered says
/// nothing of the secret: the digest is compared each time.
final class SecretDigests: Sendable {
    private let known = Mutex(BoundedCache<Bytewise<String>, [UInt8]>(capacity: 10_000))

    /// The digest of the secret in the token, 32 bytes.
    func of(_ secret: Substring, in token: String) throws(CryptoFailure) -> [UInt8] {
        let key = Bytewise(wrappedValue: token)
        if let digest = known.withLock({ $0.use(key) }) { return digest }
        let digest = try SHA256.hash(String(secret))
        known.withLock { $0[key] = digest }
        return digest
    }
}
