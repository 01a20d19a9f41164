internal import BSON
internal import Metering
internal import Mongo

/// The log of closed periods: an account's `monthly_summary` keeps the last ones only.
package enum PeriodCloses {
    static let schema = CollectionSchema(
        name: "period_closes",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "user_id": Property.string, "period_number": ["bsonType": "long"]]),
            "summary": ["bsonType": "object"], "balances": ["bsonType": "array"],
            "daily_usage": ["bsonType": "array"], "billed": Property.amount,
        ],
        required: ["_id", "summary", "balances", "daily_usage"])

    /// The number of a period is taken once: a period that closed twice would be a `duplicate`.
    static func insert(_ changes: [AccountChange], in transaction: Transaction) throws {
        let documents = try changes.flatMap { change in
            try change.after.closed.map { try $0.document(of: change.after.user, change.tenant) }
        }
        guard !documents.isEmpty else { return }
        try transaction.insert(schema.name, documents)
    }
}

extension ClosedPeriod {
    init(_ document: Document) throws {
        self.init(
            number: try document.document("_id").int64("period_number"), summary: try PeriodSummary(document.document("summary")),
            balances: try document.documents("balances").map { try MeterBalance($0) },
            days: try document.documents("daily_usage").map { try DailyUsage($0) },
            charged: try document.optionalMoney("billed") ?? .zero)
    }

    fileprivate func document(of user: UserID, _ tenant: Tenant) throws -> Document {
        [
            "_id": ["shop_id": .id(tenant.shop), "user_id": .id(user), "period_number": .int64(number)],
            "summary": .document(summary.document), "balances": .array(balances.map { .document($0.document) }),
            "daily_usage": .array(days.map { .document($0.document) }), "billed": try .money(charged),
        ]
    }
}
