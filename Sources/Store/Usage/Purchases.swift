internal import BSON
package import Metering
internal import Mongo

package typealias PurchaseKey = ShopKey<PurchaseID>

extension PurchaseKey {
    fileprivate var value: Value { Key.of(tenant, "purchase_id", id) }
}

/// Allowance that users bought beside their plans.
package enum Purchases {
    static let schema = CollectionSchema(
        name: "purchases",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "purchase_id": Property.string]), "user_id": Property.string,
            "meter": Property.string, "amount": Property.quantity, "price": Property.optionalMoney,
            "currency": Property.optionalString, "at": Property.time, "purchased": Property.quantity,
            "remaining": Property.optionalQuantity, "actor": Property.string, "reason": Property.optionalString,
        ],
        required: ["_id", "user_id", "meter", "amount", "at", "purchased"],
        indexes: [
            .init(name: "newest", keys: ["_id.shop_id": 1, "at": -1, "_id.purchase_id": -1]),
            .init(name: "newest_of_user", keys: ["_id.shop_id": 1, "user_id": 1, "at": -1, "_id.purchase_id": -1]),
        ])

    package static func find(_ keys: [PurchaseKey], _ reading: Reading) throws -> [PurchaseKey: Purchase] {
        try schema.find(keys.map(\.value), reading) { tenant, document in
            let purchase = try Purchase(document)
            return (PurchaseKey(tenant: tenant, id: purchase.id), purchase)
        }
    }

    /// Throws `duplicate` when the id of a purchase is taken; then the transaction is over.
    package static func insert(_ purchases: [(tenant: Tenant, purchase: Purchase)], in transaction: Transaction) throws {
        guard !purchases.isEmpty else { return }
        try transaction.insert(schema.name, purchases.map { try $0.purchase.document(of: $0.tenant) })
    }
}

extension PurchaseList: StoredList {
    package func listing(of tenant: Tenant) -> Listing<Purchase, TimedKey<PurchaseID>> {
        Listing(Purchases.schema, tenant.documents(about: user), .newestFirst("at", then: "_id.purchase_id")) { try Purchase($0) }
    }
}

extension Purchase: StoredByID {
    package static func everything(of tenant: Tenant) -> Listing<Purchase, Purchase> {
        let order = ListOrder<Purchase>.ascending("_id") { Key.of(tenant, "purchase_id", $0.id) }
        return Listing(Purchases.schema, Key.range(of: tenant, then: "purchase_id"), order) { try Purchase($0) }
    }
}

extension Purchase {
    fileprivate init(_ document: Document) throws {
        self.init(
            id: try document.document("_id").id("purchase_id"),
            content: PurchaseContent(
                user: try document.id("user_id"), meter: try document.id("meter"), amount: try document.int64("amount"),
                price: try document.optionalMoney("price"),
                currency: try document.optionalString("currency").map { Currency(stored: $0) }),
            at: try document.time("at"), purchased: try document.int64("purchased"), remaining: try document.optionalInt64("remaining"),
            by: Author(
                try document.optionalString("actor").map(Actor.init(stored:)) ?? .system, reason: try document.optionalString("reason")))
    }

    fileprivate func document(of tenant: Tenant) throws -> Document {
        [
            "_id": Key.of(tenant, "purchase_id", id), "user_id": .id(content.user), "meter": .id(content.meter),
            "amount": .int64(content.amount), "price": try .money(content.price), "currency": .text(content.currency?.code),
            "at": .time(at), "purchased": .int64(purchased), "remaining": remaining.map { .int64($0) } ?? .null,
            "actor": .string(author.actor.text), "reason": .text(author.reason),
        ]
    }
}
