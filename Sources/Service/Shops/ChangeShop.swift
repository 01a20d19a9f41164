package import Metering
internal import Store

extension ShopMeter {
    /// Changes the settings of a shop, and returns it as it is then. Limits of requests count on this instance at once, and on every other within
    /// 5 s.
    package func changeShop(_ id: ShopID, _ change: ShopChange, by setter: RateLimitSetter) async throws -> Shop {
        let limits = settings.rateLimits
        let changed = try await transaction { transaction in
            do {
                let changed = try change.applied(to: Self.shop(id, transaction), by: setter, limits: limits)
                try Shops.save(changed, in: transaction)
                return changed
            } catch let refusal as RateLimitRefusal {
                throw ServiceError(refusal)
            }
        }
        shopLimits.forget(id)
        shopLooks.forget(id)
        return changed
    }

    /// Changes the settings of a shop as the shop itself may.
    package func changeShop(of tenant: Tenant, _ change: ShopChange) async throws -> Shop {
        try await changeShop(tenant.shop, change, by: .shop)
    }

    /// The limit of a shop's requests of a class; nil for none.
    package func rateLimit(_ kind: RateClass, of shop: Shop) -> RateLimit? { shop.rateLimits.limit(kind, of: settings.rateLimits) }

    /// The limits that a shop has of its own, as they were read within the last 5 s.
    func recentLimits(of tenant: Tenant) async throws -> ShopRateLimits {
        try await shopLimits.value(of: tenant.shop) { id in try await read { try Shops.find(id, $0)?.rateLimits } } ?? ShopRateLimits()
    }
}

extension ServiceError {
    fileprivate init(_ refusal: RateLimitRefusal) {
        self = .invalid(
            field: "rate_limits.\(refusal.kind.rawValue)",
            expected:
                "expected at most \(refusal.most.perSecond) per_second with a burst of \(refusal.most.burst), which the operator lets the shop have"
        )
    }
}
