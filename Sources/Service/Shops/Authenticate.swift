internal import Crypto
package import Metering
package import Store

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
        if let (id, secret) = Self.apiKey(token) { return try await authenticate(key: id, secret: secret) }
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

    private func authenticate(key id: KeyID, secret: Substring) async throws -> Credential {
        let found = try await keys.value(of: id) { id in
            try await read { reading in try APIKeys.find(id, reading) }
        }
        guard let found, try constantTimeEqual(SHA256.hash(String(secret)), found.hash), found.key.revokedAt == nil else {
            throw ServiceError.unauthorized
        }
        return .shop(found.tenant, scopes: found.key.scopes, key: id)
    }

    /// The parts of `smk_<key id>_<secret>`.
    private static func apiKey(_ token: String) -> (id: KeyID, secret: Substring)? {
        let parts = token.split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "smk", let id = KeyID(rawValue: String(parts[1])) else { return nil }
        return (id, parts[2])
    }
}
