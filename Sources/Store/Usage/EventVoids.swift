internal import BSON
package import Metering
internal import Mongo

/// The voids of events. A void is stored in the transaction that gives its amount back, and that notes on the event what of it is void.
package enum EventVoids {
    static let schema = CollectionSchema(
        name: "event_voids",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "void_id": Property.string]), "user_id": Property.string,
            "event_id": Property.string, "meter": Property.string, "amount": Property.quantity, "asked": Property.optionalQuantity,
            "voided": Property.quantity, "event_period": Property.quantity, "period_number": Property.quantity,
            "returned": Property.object([
                "to_subscription": Property.quantity, "to_rollover": Property.quantity, "to_purchased": Property.quantity,
                "from_debt": Property.quantity,
            ]),
            "overage": Property.optionalQuantity, "credit": Property.optionalMoney, "currency": Property.optionalString,
            "credited_invoice": Property.optionalString,
            "actor": Property.string, "reason": Property.string, "at": Property.time, "used": Property.quantity,
            "limit": Property.optionalQuantity, "remaining": Property.optionalQuantity,
        ],
        required: ["_id", "user_id", "event_id", "meter", "amount", "voided", "event_period", "period_number", "returned", "actor", "at"],
        indexes: [
            .init(name: "newest", keys: ["_id.shop_id": 1, "at": -1, "_id.void_id": -1]),
            .init(name: "newest_of_user", keys: ["_id.shop_id": 1, "user_id": 1, "at": -1, "_id.void_id": -1]),
        ])

    package static func find(_ id: VoidID, of tenant: Tenant, _ reading: Reading) throws -> EventVoid? {
        try reading.findOne(schema.name, ["_id": Key.of(tenant, "void_id", id)]).map { try EventVoid($0) }
    }

    /// Throws `duplicate` when the void's id is taken; then the transaction is over.
    package static func insert(_ void: EventVoid, of tenant: Tenant, in transaction: Transaction) throws {
        try transaction.insert(schema.name, [void.document(of: tenant)])
    }

    /// The credits that voids gave for a meter's overage on an invoice.
    package static func credits(
        for meter: Meter, onInvoice number: InvoiceNumber, of user: UserID, in tenant: Tenant, _ reading: Reading
    ) throws -> [VoidCredit] {
        let filter: Document = [
            "_id.shop_id": .id(tenant.shop), "user_id": .id(user), "meter": .id(meter), "credited_invoice": .id(number),
        ]
        return try reading.find(schema.name, filter).compactMap { try VoidCredit(ifAny: $0) }
    }
}

extension VoidList: StoredList {
    package func listing(of tenant: Tenant) -> Listing<EventVoid, TimedKey<VoidID>> {
        Listing(EventVoids.schema, tenant.documents(about: user), .newestFirst("at", then: "_id.void_id")) { try EventVoid($0) }
    }
}

extension EventVoid: StoredByID {
    package static func everything(of tenant: Tenant) -> Listing<EventVoid, EventVoid> {
        let order = ListOrder<EventVoid>.ascending("_id") { Key.of(tenant, "void_id", $0.id) }
        return Listing(EventVoids.schema, Key.range(of: tenant, then: "void_id"), order) { try EventVoid($0) }
    }
}

extension EventVoid {
    fileprivate init(_ document: Document) throws {
        self.init(
            id: try document.document("_id").id("void_id"),
            content: VoidContent(
                user: try document.id("user_id"), event: try document.id("event_id"), amount: try document.optionalInt64("asked"),
                reason: try document.string("reason")),
            meter: try document.id("meter"), amount: try document.int64("amount"), voided: try document.int64("voided"),
            eventPeriod: try document.int64("event_period"), periodNumber: try document.int64("period_number"),
            returned: try Returned(document.document("returned")), credit: try VoidCredit(ifAny: document),
            by: Actor(stored: try document.string("actor")), at: try document.time("at"), balance: try BalanceAfter(document))
    }

    fileprivate func document(of tenant: Tenant) throws -> Document {
        [
            "_id": Key.of(tenant, "void_id", id), "user_id": .id(content.user), "event_id": .id(content.event), "meter": .id(meter),
            "amount": .int64(amount), "asked": .long(content.amount), "voided": .int64(voided), "event_period": .int64(eventPeriod),
            "period_number": .int64(periodNumber), "returned": .document(returned.document), "overage": .long(credit?.overage),
            "credit": try .money(credit?.amount), "currency": .text(credit?.currency.code),
            "credited_invoice": .text(credit?.invoice.rawValue), "actor": .string(actor.text),
            "reason": .string(content.reason), "at": .time(at), "used": .int64(balance.used), "limit": .limit(balance.limit),
            "remaining": .long(balance.remaining),
        ]
    }
}

extension VoidCredit {
    fileprivate init?(ifAny document: Document) throws {
        guard let overage = try document.optionalInt64("overage") else { return nil }
        self.init(
            overage: overage, amount: try document.money("credit"), currency: Currency(stored: try document.string("currency")),
            invoice: try document.id("credited_invoice"))
    }
}

extension Returned {
    fileprivate init(_ document: Document) throws {
        self.init(
            toSubscription: try document.int64("to_subscription"), toRollover: try document.int64("to_rollover"),
            toPurchased: try document.int64("to_purchased"), fromDebt: try document.int64("from_debt"))
    }

    fileprivate var document: Document {
        [
            "to_subscription": .int64(toSubscription), "to_rollover": .int64(toRollover), "to_purchased": .int64(toPurchased),
            "from_debt": .int64(fromDebt),
        ]
    }
}

extension BalanceAfter {
    init(_ document: Document) throws {
        self.init(
            used: try document.int64("used"), limit: try document.limit("limit"), remaining: try document.optionalInt64("remaining"))
    }
}
