package import Metering
internal import Store

extension ShopMeter {
    /// Puts a plan into the catalog; subscriptions keep the terms that they agreed on. Returns whether the plan is new.
    package func putPlan(_ plan: Plan, of tenant: Tenant) async throws -> Bool {
        let now = try await now(of: tenant)
        return try await transaction { transaction in
            let catalog = try Plans.list(of: tenant, transaction)
            guard catalog.count < Plan.maximumPerShop || catalog.contains(where: { $0.name == plan.name }) else {
                throw ServiceError.conflict("The shop has \(Plan.maximumPerShop) plans, the most it may have.")
            }
            try AuditTrail.note(.planPut, plan.name.rawValue, at: now, of: tenant, in: transaction)
            return try Plans.put(plan, of: tenant, in: transaction)
        }
    }

    package func plan(_ name: PlanName, of tenant: Tenant) async throws -> Plan {
        try await read { reading in
            guard let plan = try self.catalogPlan(name, of: tenant, reading) else {
                throw ServiceError.notFound("There is no plan \(name).")
            }
            return plan
        }
    }

    /// The catalog's plan, nil when there is none. A shop without a plan `free` has the operator's.
    func catalogPlan(_ name: PlanName, of tenant: Tenant, _ reading: Reading) throws -> Plan? {
        try name == .free ? freePlan(of: tenant, reading) : Plans.find(name, of: tenant, reading)
    }

    /// Every plan of the shop, in the order of the names, with the operator's free plan where the shop has none.
    package func plans(of tenant: Tenant) async throws -> [Plan] {
        try await read { try self.catalog(of: tenant, $0) }
    }

    package func shopCurrency(of tenant: Tenant) async throws -> Currency {
        try await read { try Shops.find(tenant.shop, $0)?.currency ?? Currency(stored: "USD") }
    }

    func catalog(of tenant: Tenant, _ reading: Reading) throws -> [Plan] {
        let plans = try Plans.list(of: tenant, reading)
        guard !plans.contains(where: { $0.name == PlanName.free }) else { return plans }
        let all = plans + [try freePlan(of: tenant, reading)]
        return all.sorted { $0.name < $1.name }
    }

    func freePlan(of tenant: Tenant, _ reading: Reading) throws -> Plan {
        try ShopTerms(of: tenant, settings: settings, reading).free
    }
}

/// What counts for every user of a shop.
struct ShopTerms: Sendable {
    /// The plan of users without a live subscription: the catalog's `free`, else the operator's.
    let free: Plan
    let rules: ShopRules

    init(of tenant: Tenant, settings: Settings, _ reading: Reading) throws {
        let shop = try Shops.find(tenant.shop, reading)
        free = try Plans.find(.free, of: tenant, reading) ?? settings.freePlan(currency: shop?.currency ?? Currency(stored: "USD"))
        rules = shop?.rules ?? ShopRules()
    }
}
