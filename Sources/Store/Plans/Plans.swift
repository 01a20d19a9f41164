internal import BSON
package import Metering
internal import Mongo

/// The catalogs of the shops.
package enum Plans {
    static let schema = CollectionSchema(
        name: "plans",
        properties: Document(
            [("_id", Property.object(["shop_id": Property.string, "plan_name": Property.string]))]
                + Plan.properties.map { ($0.key, $0.value) }),
        required: ["_id"] + Plan.properties.map(\.key))

    /// The most plans of a shop.
    package static let maximum = 200

    /// Whether the plan is new.
    package static func put(_ plan: Plan, of tenant: Tenant, in transaction: Transaction) throws -> Bool {
        let result = try transaction.update(
            schema.name, ["_id": key(plan.name, tenant)], ["$set": .document(try plan.fields())], upsert: true)
        return result.matched == 0
    }

    package static func find(_ name: PlanName, of tenant: Tenant, _ reading: Reading) throws -> Plan? {
        try reading.findOne(schema.name, ["_id": key(name, tenant)]).map { try Plan(fields: $0) }
    }

    /// In the order of their names.
    package static func list(of tenant: Tenant, _ reading: Reading) throws -> [Plan] {
        try reading.find(schema.name, Key.range(of: tenant, then: "plan_name"), sort: ["_id": 1], limit: maximum)
            .map { try Plan(fields: $0) }
    }

    private static func key(_ name: PlanName, _ tenant: Tenant) -> Value { ["shop_id": .id(tenant.shop), "plan_name": .id(name)] }
}
