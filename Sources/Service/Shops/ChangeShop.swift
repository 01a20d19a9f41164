package import Metering
internal import Store

extension ShopMeter {
    package func changeShop(of tenant: Tenant, _ change: ShopChange) async throws -> Shop { try await changeShop(tenant.shop, change) }

    /// Changes the shop's settings, and returns it as it is then. What was settled before stays as it is.
    package func changeShop(_ id: ShopID, _ change: ShopChange) async throws -> Shop {
        try await transaction { transaction in
            let changed = change.applied(to: try Self.shop(id, transaction))
            try Shops.save(changed, in: transaction)
            return changed
        }
    }
}
