internal import BSON
package import Metering
internal import Mongo

package typealias ChargeKey = ShopKey<ChargeID>

extension ChargeKey {
    fileprivate var value: Value { Key.of(tenant, "charge_id", id) }
}

/// Charges that neither the project's nor the user's wallet could pay.
package enum BillingErrors {
    static let schema = CollectionSchema(
        name: "billing_errors",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "charge_id": Property.string]), "user_id": Property.string,
            "project_id": Property.optionalString, "model": Property.string, "input_tokens": Property.quantity,
            "output_tokens": Property.quantity, "required": Property.amount, "available": Property.amount, "currency": Property.string,
            "created_at": Property.time, "refused_at": Property.time, "refusals": Property.quantity, "resolved": Property.bool,
            "project_balance": Property.optionalMoney, "user_balance": Property.optionalMoney, "resolution": Property.optionalString,
            "resolved_at": Property.optionalTime, "note": Property.optionalString,
            Retention.field: Property.time,
        ],
        required: [
            "_id", "user_id", "model", "required", "available", "currency", "created_at", "refused_at", "refusals", "resolved",
        ],
        indexes: [
            Retention.index(days: 400),
            .init(name: "newest", keys: ["_id.shop_id": 1, "created_at": -1, "_id.charge_id": -1]),
            .init(name: "newest_by_resolved", keys: ["_id.shop_id": 1, "resolved": 1, "created_at": -1, "_id.charge_id": -1]),
        ])

    package static func find(_ keys: Set<ChargeKey>, _ reading: Reading) throws -> [ChargeKey: BillingError] {
        try schema.find(keys.map(\.value), reading) { tenant, document in
            let error = try BillingError(document)
            return (ChargeKey(tenant: tenant, id: error.id), error)
        }
    }

    /// Stores the errors, each in the place of the stored one of its charge. One that is resolved is kept for a while from then on.
    package static func save(_ errors: [ChargeKey: BillingError], in transaction: Transaction) throws {
        guard !errors.isEmpty else { return }
        let writes = try errors.map { key, error in
            let end: (String, Value) =
                error.resolution == nil ? ("$unset", [Retention.field: ""]) : ("$currentDate", [Retention.field: true])
            return BulkWrite.updateOne(
                filter: ["_id": key.value], update: .operators(Document([("$set", .document(try error.fields)), end])), upsert: true)
        }
        _ = try transaction.bulk(schema.name, writes, ordered: false)
    }
}

extension BillingErrorList: StoredList {
    package func listing(of tenant: Tenant) -> Listing<BillingError, TimedKey<ChargeID>> {
        var filter: Document = ["_id.shop_id": .id(tenant.shop)]
        if let isResolved { filter["resolved"] = .bool(isResolved) }
        return Listing(BillingErrors.schema, filter, .newestFirst("created_at", then: "_id.charge_id")) { try BillingError($0) }
    }
}

extension BillingError: StoredByID {
    package static func everything(of tenant: Tenant) -> Listing<BillingError, BillingError> {
        let order = ListOrder<BillingError>.ascending("_id") { Key.of(tenant, "charge_id", $0.id) }
        return Listing(BillingErrors.schema, Key.range(of: tenant, then: "charge_id"), order) { try BillingError($0) }
    }
}

extension BillingError {
    fileprivate init(_ document: Document) throws {
        self.init(
            id: try document.document("_id").id("charge_id"), content: try ChargeContent(document, model: document.id("model")),
            balance: InsufficientBalance(
                required: try document.money("required"), available: try document.money("available"),
                project: try document.optionalMoney("project_balance"), user: try document.optionalMoney("user_balance")),
            currency: Currency(stored: try document.string("currency")), createdAt: try document.time("created_at"),
            refusedAt: try document.time("refused_at"), refusals: try document.int64("refusals"),
            resolution: try document.optionalValue("resolution"),
            resolvedAt: try document.optionalTime("resolved_at"), note: try document.optionalString("note"))
    }

    /// All but the id.
    fileprivate var fields: [(String, Value)] {
        get throws {
            content.fields + [
                ("required", try .money(balance.required)), ("available", try .money(balance.available)),
                ("project_balance", try .money(balance.project)), ("user_balance", try .money(balance.user)),
                ("currency", .string(currency.code)), ("created_at", .time(createdAt)), ("refused_at", .time(refusedAt)),
                ("refusals", .int64(refusals)), ("resolved", .bool(resolution != nil)), ("resolution", .text(resolution?.rawValue)),
                ("resolved_at", .time(resolvedAt)), ("note", .text(note)),
            ]
        }
    }
}
