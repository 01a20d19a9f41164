package import Metering
internal import Store

/// Changes of what a shop is set to; what is nil stays.
package struct ShopChanges: Sendable {
    package let name: String?
    package let mode: Shop.Mode?

    package init(name: String? = nil, mode: Shop.Mode? = nil) {
        self.name = name
        self.mode = mode
    }
}

extension ShopMeter {
    package func changeShop(of tenant: Tenant, _ changes: ShopChanges) async throws -> Shop { try await changeShop(tenant.shop, changes) }

    /// Returns the shop as it is then.
    package func changeShop(_ id: ShopID, _ changes: ShopChanges) async throws -> Shop {
        try await transaction { transaction in
            let tenant = try Self.shop(id, transaction).tenant
            if let name = changes.name { try Shops.rename(tenant, name, in: transaction) }
            if let mode = changes.mode { try Shops.setMode(mode, of: tenant, in: transaction) }
            return try Self.shop(id, transaction)
        }
    }
}
