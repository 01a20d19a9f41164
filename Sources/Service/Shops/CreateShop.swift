internal import Bytes
package import Metering
internal import Store

extension ShopMeter {
    /// A shop as it was made. Its secrets are nil when the shop was there already, as they are shown once.
    package struct CreatedShop: Sendable {
        package let shop: Shop
        package let apiKey: String?
        package let jwtSecret: String?
        package var isDuplicate: Bool { apiKey == nil }
    }

    /// Makes a shop with a key that has every scope. The same shop again gets the first answer without the secrets. Throws
    /// `idempotencyConflict` when the id is taken by another name, currency or clock.
    package func createShop(id: ShopID, name: String, currency: Currency, clock: Shop.Clock) async throws -> CreatedShop {
        let secret = try ShopSecrets.newJWTSecret()
        let now = self.clock.now()
        let shop = Shop(
            id: id, name: name, currency: currency, clock: clock, createdAt: now, testTime: clock == .test ? now : nil)
        let key = try NewKey(.init(name: "first", scopes: Set(Scope.allCases)), text: KeyText.random(), at: now)
        let created = try await retryingDuplicates {
            try await transaction { transaction in
                if let existing = try Shops.find(id, transaction) { return try Self.firstAnswer(existing, to: shop) }
                try Shops.insert(shop, jwtSecret: secret, in: transaction)
                try APIKeys.insert(key.stored(of: shop.tenant), in: transaction)
                try AuditTrail.note(.shopCreate, id.rawValue, at: now, of: shop.tenant, in: transaction)
                return CreatedShop(shop: shop, apiKey: key.text, jwtSecret: secret)
            }
        }
        // Somebody may have asked for them before.
        shopSecrets.forget(id)
        keys.forget(key.key.id)
        return created
    }

    private static func firstAnswer(_ existing: Shop, to shop: Shop) throws -> CreatedShop {
        let isSame = existing.name.hasSameBytes(as: shop.name) && (existing.currency, existing.clock) == (shop.currency, shop.clock)
        guard isSame else {
            throw ServiceError.idempotencyConflict("The shop \(shop.id) exists with another name, currency or clock.")
        }
        return CreatedShop(shop: existing, apiKey: nil, jwtSecret: nil)
    }

    package func shop(_ id: ShopID) async throws -> Shop {
        try await read { reading in try Self.shop(id, reading) }
    }

    package func shop(of tenant: Tenant) async throws -> Shop { try await shop(tenant.shop) }

    /// Shops in the order of their ids, after `id`.
    package func shops(after id: ShopID?, limit: Int) async throws -> [Shop] {
        try await read { try Shops.list(after: id, limit: limit, $0) }
    }

    func tenants(after id: ShopID?, limit: Int) async throws -> [Tenant] {
        try await read { try Shops.tenants(after: id, limit: limit, $0) }
    }

    static func shop(_ id: ShopID, _ reading: Reading) throws -> Shop {
        guard let shop = try Shops.find(id, reading) else { throw noShop(id) }
        return shop
    }

    static func secrets(of id: ShopID, _ reading: Reading) throws -> ShopSecrets {
        guard let secrets = try Shops.findSecrets(of: id, reading) else { throw noShop(id) }
        return secrets
    }

    private static func noShop(_ id: ShopID) -> ServiceError { .notFound("There is no shop \(id).") }
}
