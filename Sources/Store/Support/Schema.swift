internal import BSON
internal import Metering
internal import Mongo

/// A collection: its validator, by which the database refuses documents, and its indexes.
struct CollectionSchema {
    let name: String
    /// The fields of a document, each as MongoDB's JSON Schema describes it. A document may have others too.
    let properties: Document
    let required: [String]
    /// What a document must have that lacks some of `required`.
    var orRequired: [String]?
    var indexes: [Index] = []

    struct Index {
        let name: String
        let keys: Document
        var isUnique = false
        var filter: Document?
        var expiresAfterSeconds: Int64?
    }

    var validator: Document {
        func names(_ fields: [String]) -> Value { .array(fields.map { .string($0) }) }
        var schema: Document = ["bsonType": "object"]
        if let orRequired {
            schema["anyOf"] = [["required": names(required)], ["required": names(orRequired)]]
        } else {
            schema["required"] = names(required)
        }
        schema["properties"] = .document(properties)
        return ["$jsonSchema": .document(schema)]
    }
}

enum Schema {
    static let collections = [
        Shops.schema, APIKeys.schema, Plans.schema, Subscriptions.schema, Accounts.schema, PeriodCloses.schema, UsageEvents.schema,
        Purchases.schema, EventVoids.schema, Adjustments.schema, AuditTrail.schema, Reservations.schema, Labels.schema, ModelPrices.schema,
        ModelAliases.schema, Wallets.schema, WalletEntries.schema,
        BillingErrors.schema, Calls.schema, Invoices.schema, DocumentNumbers.invoices.schema, CreditNotes.schema,
        DocumentNumbers.creditNotes.schema, BillingTransactions.schema, ConsumptionLog.schema,
        AnalyticsDays.schema, StripeEvents.schema, IdempotencyKeys.schema, Leases.schema, Imports.schema, Users.schema,
        StripeSubscriptions.schema, Erasures.schema, ConsumptionMonths.schema, WebhookEndpoints.schema, WebhookDeliveries.schema,
        Refusals.schema,
    ]

    /// Gives the database these collections with their validators, and their indexes that are missing.
    static func ensure(_ collections: [CollectionSchema], on connection: Writing) throws {
        for collection in collections {
            try connection.ensureCollection(collection.name, validator: collection.validator)
            guard !collection.indexes.isEmpty else { continue }
            try connection.createIndexes(collection.name, collection.indexes.map(\.specification))
        }
    }
}

extension CollectionSchema.Index {
    var specification: Document {
        var specification: Document = ["name": .string(name), "key": .document(keys)]
        if isUnique { specification["unique"] = true }
        if let filter { specification["partialFilterExpression"] = .document(filter) }
        if let expiresAfterSeconds { specification["expireAfterSeconds"] = .int64(expiresAfterSeconds) }
        return specification
    }
}

/// The JSON Schemas of fields.
enum Property {
    static let string: Value = ["bsonType": "string"]
    static let time: Value = ["bsonType": "date"]
    static let bool: Value = ["bsonType": "bool"]
    static let money: Value = ["bsonType": "decimal"]
    /// Money of 0 or more.
    static let amount: Value = ["bsonType": "decimal", "minimum": 0]
    static let integer: Value = ["bsonType": "long"]
    static let optionalString: Value = ["bsonType": ["string", "null"]]
    static let optionalTime: Value = ["bsonType": ["date", "null"]]
    static let optionalMoney: Value = ["bsonType": ["decimal", "null"]]
    static let optionalAmount: Value = ["bsonType": ["decimal", "null"], "minimum": 0]
    /// A long from 0 to `Quantity.largest`.
    static let quantity: Value = ["bsonType": "long", "minimum": 0, "maximum": .int64(Quantity.largest)]
    /// A long from 0 to `Totals.largest`.
    static let wideTotal: Value = ["bsonType": "long", "minimum": 0, "maximum": .int64(Totals.largest)]
    static let optionalQuantity: Value = ["bsonType": ["long", "null"], "minimum": 0, "maximum": .int64(Quantity.largest)]
    /// A long from −`Quantity.largest` to `Quantity.largest`.
    static let balance: Value = ["bsonType": "long", "minimum": .int64(-Quantity.largest), "maximum": .int64(Quantity.largest)]

    static func oneOf(_ values: [String]) -> Value { ["enum": .array(values.map { .string($0) })] }

    /// `optional`: properties that an object may lack.
    static func object(_ properties: Document, optional: Document = [:]) -> Value {
        let all = Document((properties.map { ($0.key, $0.value) }) + optional.map { ($0.key, $0.value) })
        return ["bsonType": "object", "required": .array(properties.map { .string($0.key) }), "properties": .document(all)]
    }

    static func array(of items: Value, atMost count: Int) -> Value {
        ["bsonType": "array", "maxItems": .int64(Int64(count)), "items": items]
    }

    static let strings: Value = ["bsonType": "array", "items": ["bsonType": "string"]]
}
