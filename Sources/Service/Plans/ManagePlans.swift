package import Metering
internal import Store

extension ShopMeter {
    /// Puts a plan into the catalog; subscriptions keep what was agreed. Returns whether it is new.
    package func putPlan(_ plan: Plan, of tenant: Tenant) async throws -> Bool {
        try await transaction { transaction in
            let catalog = try Plans.list(of: tenant, transaction)
            guard catalog.count < Plans.maximum || catalog.contains(where: { $0.name == plan.name }) else {
                throw ServiceError.conflict("The shop has \(Plans.maximum) plans, the most it may have.")
            }
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

    /// The catalog's plan; a shop that has no plan `free` has the operator's.
    func catalogPlan(_ name: PlanName, of tenant: Tenant, _ reading: Reading) throws -> Plan? {
        try name == .free ? freePlan(of: tenant, reading) : Plans.find(name, of: tenant, reading)
    }

    /// Every plan, in the order of their names, with the operator's free one where the shop has none.
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
        return all.sorted { $0.name.rawValue < $1.name.rawValue }
    }
}
