internal import Crypto
internal import Metering
internal import Store

extension ShopMeter {
    /// Who a bearer token belongs to. Throws `unauthorized` for every token that is not one of ours, whatever is wrong with it.
    package func authenticate(bearer token: String) async throws -> Credential {
        guard token.utf8.count <= Self.maximumTokenLength else { throw ServiceError.unauthorized }
        if let (id, secret) = Self.apiKey(token) { return try await authenticate(key: id, secret: secret) }
        // Digests are compared, so that the time taken tells nothing of the token, not even its length.
        guard try constantTimeEqual(SHA256.hash(token), SHA256.hash(settings.adminToken)) else { throw ServiceError.unauthorized }
        return .admin
    }

    static let maximumTokenLength = 4_096

    private func authenticate(key id: KeyID, secret: Substring) async throws -> Credential {
        let entry = try await entry(for: id)
        guard try constantTimeEqual(SHA256.hash(String(secret)), entry.key.hash), entry.key.revokedAt == nil else {
            throw ServiceError.unauthorized
        }
        return .shop(entry.tenant, scopes: entry.key.scopes, key: id)
    }

    private func entry(for id: KeyID) async throws -> KeyCache.Entry {
        switch keys.find(id) {
        case .fresh(let entry): return entry
        case .aging(let entry): return (try? await readEntry(for: id)) ?? entry
        case .unknown: return try await readEntry(for: id)
        }
    }

    private func readEntry(for id: KeyID) async throws -> KeyCache.Entry {
        let asked = ContinuousClock.now
        let found = try await read { reading in
            try APIKeys.find(id, reading).map { KeyCache.Entry(key: $0.key, tenant: $0.tenant, readAt: asked) }
        }
        guard let found else {
            keys.forget(id)
            throw ServiceError.unauthorized
        }
        keys.remember(found)
        return found
    }

    /// The parts of `smk_<key id>_<secret>`.
    private static func apiKey(_ token: String) -> (id: KeyID, secret: Substring)? {
        let parts = token.split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "smk", let id = KeyID(rawValue: String(parts[1])) else { return nil }
        return (id, parts[2])
    }
}
