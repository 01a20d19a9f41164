internal import BSON
package import Metering
internal import Mongo

/// The shops' catalogs of plans.
package enum Plans {
    static let schema = CollectionSchema(
        name: "plans",
        properties: Document(
            [("_id", Property.object(["shop_id": Property.string, "plan_name": Property.string]))]
                + Plan.properties.map { ($0.key, $0.value) }),
        required: ["_id"] + Plan.properties.map(\.key).filter { !Plan.optionalProperties.contains($0) })

    /// Stores the plan. Returns whether the catalog had no plan of that name.
    package static func put(_ plan: Plan, of tenant: Tenant, in transaction: Transaction) throws -> Bool {
        let result = try transaction.update(
            schema.name, ["_id": key(plan.name, tenant)], ["$set": .document(try plan.fields())], upsert: true)
        return result.matched == 0
    }

    package static func find(_ name: PlanName, of tenant: Tenant, _ reading: Reading) throws -> Plan? {
        try reading.findOne(schema.name, ["_id": key(name, tenant)]).map { try Plan(fields: $0) }
    }

    /// The whole catalog of the shop, in the order of the plans' names.
    package static func list(of tenant: Tenant, _ reading: Reading) throws -> [Plan] {
        try reading.find(schema.name, Key.range(of: tenant, then: "plan_name"), sort: ["_id": 1], limit: Plan.maximumPerShop)
            .map { try Plan(fields: $0) }
    }

    fileprivate static func key(_ name: PlanName, _ tenant: Tenant) -> Value { ["shop_id": .id(tenant.shop), "plan_name": .id(name)] }
}

extension Plan: StoredByID {
    package static func everything(of tenant: Tenant) -> Listing<Plan, Plan> {
        let order = ListOrder<Plan>.ascending("_id") { Plans.key($0.name, tenant) }
        return Listing(Plans.schema, Key.range(of: tenant, then: "plan_name"), order) { try Plan(fields: $0) }
    }
}

/// The fields of a plan: in the catalog's document, and as agreed in a subscription's.
extension Plan {
    init(fields document: Document) throws {
        self.init(
            name: try document.id("plan_name"), displayName: try document.string("plan_display_name"),
            monthlyFee: try document.money("monthly_fee"), yearlyFee: try document.optionalMoney("yearly_fee"),
            dayFees: try Self.dayFees(document), currency: Currency(stored: try document.string("currency")), allowances: [:],
            allowanceInterval: try document.optionalValue("allowance_interval") ?? .billingPeriod,
            trialDays: Int(try document.int64("trial_days")), isActive: try document.bool("is_active"))
        for entry in try document.documents("meters") { try read(meter: entry) }
        stripePrices = try document.optionalArray("stripe_price_ids")?.compactMap(\.asString) ?? []
    }

    func fields() throws -> Document {
        var fields = try termsFields()
        fields["stripe_price_ids"] = .array(stripePrices.map { .string($0) })
        return fields
    }

    private func termsFields() throws -> Document {
        [
            "plan_name": .id(name), "plan_display_name": .string(displayName), "monthly_fee": try .money(monthlyFee),
            "yearly_fee": try .money(yearlyFee), "currency": .string(currency.code), "allocated_tokens": .limit(tokens),
            "meters": .array(try meters.map { .document(try entry(of: $0)) }), "trial_days": .int64(Int64(trialDays)),
            "is_active": .bool(isActive), "allowance_interval": .string(allowanceInterval.rawValue),
            "day_fees": .array(
                try dayFees.sorted { $0.key < $1.key }.map { .document(["days": .int64(Int64($0.key)), "fee": try .money($0.value)]) }),
        ]
    }

    private static func dayFees(_ document: Document) throws -> [Int: Money] {
        guard document["day_fees"] != nil else { return [:] }
        let fees = try document.documents("day_fees").map { (Int(try $0.int64("days")), try $0.money("fee")) }
        return Dictionary(fees, uniquingKeysWith: { $1 })
    }

    static let properties: Document = [
        "plan_name": Property.string, "plan_display_name": Property.string, "monthly_fee": Property.money,
        "yearly_fee": Property.optionalMoney, "currency": Property.string, "allocated_tokens": Property.optionalQuantity,
        "meters": Property.array(
            of: Property.object([
                "meter": Property.string, "limit": Property.optionalQuantity, "rollover_cap": Property.optionalQuantity,
                "plain": Property.bool,
            ]), atMost: Plan.maximumMeters),
        "trial_days": Property.quantity, "is_active": Property.bool,
        "allowance_interval": Property.oneOf(AllowanceInterval.allCases.map(\.rawValue)), "day_fees": ["bsonType": "array"],
    ]

    /// What plans that were stored before do not have.
    static let optionalProperties: Set = ["allowance_interval", "day_fees"]

    private func entry(of meter: Meter) throws -> Document {
        let terms = terms(of: meter)
        return [
            "meter": .id(meter), "limit": .limit(terms.limit), "rollover_cap": terms.rolloverCap.map { .int64($0) } ?? .null,
            "plain": .bool(terms.isPlain), "overage_price": try .money(overagePrices[meter]),
        ]
    }

    private mutating func read(meter entry: Document) throws {
        let meter: Meter = try entry.id("meter")
        if try entry.bool("plain") {
            plainMeters.insert(meter)
            let limit = try entry.limit("limit")
            if limit != .unlimited { allowances[meter] = limit }
        } else {
            allowances[meter] = try entry.limit("limit")
            rolloverCaps[meter] = try entry.optionalInt64("rollover_cap")
            overagePrices[meter] = try entry.optionalMoney("overage_price")
        }
    }
}
