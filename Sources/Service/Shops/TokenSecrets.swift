package import Metering
internal import Store

/// What the token of a shop's user is held against.
package struct TokenSecrets: Sendable {
    package let tenant: Tenant
    /// The newest first; their texts' bytes are the keys.
    package let secrets: [String]
    /// The system's time, for a test shop too: whoever signs has no other clock, and a shop's clock that is moved a year on must
    /// neither end every token nor, standing still, keep one for ever.
    package let now: Timestamp
}

extension ShopMeter {
    /// Nil when there is no such shop. What another instance rotated is noticed within 5 s.
    package func tokenSecrets(of shop: ShopID) async throws -> TokenSecrets? {
        let (found, now) = (try await recentSecrets(of: shop), clock.now())
        return found.map { TokenSecrets(tenant: $0.tenant, secrets: $0.jwtSecrets(at: now), now: now) }
    }

    /// A shop's secrets, as they were read within the last 5 s; nil when there is no such shop.
    func recentSecrets(of shop: ShopID) async throws -> ShopSecrets? {
        try await shopSecrets.value(of: shop) { id in try await read { try Shops.findSecrets(of: id, $0) } }
    }
}
