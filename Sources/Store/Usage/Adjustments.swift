internal import BSON
package import Metering
internal import Mongo

/// Balances that a person has set right.
package enum Adjustments {
    static let schema = CollectionSchema(
        name: "adjustments",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "adjustment_id": Property.string]), "user_id": Property.string,
            "meter": Property.string, "amount": Property.balance, "period_number": Property.quantity, "paid_debt": Property.quantity,
            "to_purchased": Property.quantity, "to_rollover": Property.balance, "taken": Breakdown.property, "actor": Property.string,
            "reason": Property.string,
            "at": Property.time, "used": Property.quantity, "limit": Property.optionalQuantity, "remaining": Property.optionalQuantity,
        ],
        required: ["_id", "user_id", "meter", "amount", "period_number", "paid_debt", "to_purchased", "taken", "actor", "reason", "at"],
        indexes: [
            .init(name: "newest", keys: ["_id.shop_id": 1, "at": -1, "_id.adjustment_id": -1]),
            .init(name: "newest_of_user", keys: ["_id.shop_id": 1, "user_id": 1, "at": -1, "_id.adjustment_id": -1]),
        ])

    package static func find(_ id: AdjustmentID, of tenant: Tenant, _ reading: Reading) throws -> Adjustment? {
        try reading.findOne(schema.name, ["_id": Key.of(tenant, "adjustment_id", id)]).map { try Adjustment($0) }
    }

    /// What was to be taken by the adjustments whose ids begin so.
    package static func taken(startingWith prefix: String, of tenant: Tenant, _ reading: Reading) throws -> Quantity {
        let amounts = try reading.find(schema.name, Key.range(of: tenant, in: "adjustment_id", startingWith: prefix)).map {
            try Adjustment($0).content.amount
        }
        return amounts.reduce(0) { $0 - $1 }
    }

    package static func hasAny(of user: UserID, in tenant: Tenant, _ reading: Reading) throws -> Bool {
        try reading.findOne(schema.name, tenant.documents(about: user), projection: ["_id": 1]) != nil
    }

    /// Throws `duplicate` when the adjustment's id is taken; then the transaction is over.
    package static func insert(_ adjustment: Adjustment, of tenant: Tenant, in transaction: Transaction) throws {
        try transaction.insert(schema.name, [adjustment.document(of: tenant)])
    }
}

extension AdjustmentList: StoredList {
    package func listing(of tenant: Tenant) -> Listing<Adjustment, TimedKey<AdjustmentID>> {
        Listing(Adjustments.schema, tenant.documents(about: user), .newestFirst("at", then: "_id.adjustment_id")) {
            try Adjustment($0)
        }
    }
}

extension Adjustment: StoredByID {
    package static func everything(of tenant: Tenant) -> Listing<Adjustment, Adjustment> {
        let order = ListOrder<Adjustment>.ascending("_id") { Key.of(tenant, "adjustment_id", $0.id) }
        return Listing(Adjustments.schema, Key.range(of: tenant, then: "adjustment_id"), order) { try Adjustment($0) }
    }
}

extension Adjustment {
    fileprivate init(_ document: Document) throws {
        self.init(
            id: try document.document("_id").id("adjustment_id"),
            content: AdjustmentContent(
                user: try document.id("user_id"), meter: try document.id("meter"), amount: try document.int64("amount"),
                reason: try document.string("reason")),
            effect: AdjustmentEffect(
                paidDebt: try document.int64("paid_debt"), toPurchased: try document.int64("to_purchased"),
                toRollover: try document.optionalInt64("to_rollover") ?? 0, taken: try Breakdown(document.document("taken"))),
            by: Actor(stored: try document.string("actor")), at: try document.time("at"),
            periodNumber: try document.int64("period_number"), balance: try BalanceAfter(document))
    }

    fileprivate func document(of tenant: Tenant) -> Document {
        [
            "_id": Key.of(tenant, "adjustment_id", id), "user_id": .id(content.user), "meter": .id(content.meter),
            "amount": .int64(content.amount), "period_number": .int64(periodNumber), "paid_debt": .int64(effect.paidDebt),
            "to_purchased": .int64(effect.toPurchased), "to_rollover": .int64(effect.toRollover), "taken": .document(effect.taken.document),
            "actor": .string(actor.text),
            "reason": .string(content.reason), "at": .time(at), "used": .int64(balance.used), "limit": .limit(balance.limit),
            "remaining": .long(balance.remaining),
        ]
    }
}
