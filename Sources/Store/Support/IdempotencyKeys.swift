internal import BSON
internal import Mongo

/// The first answers to requests with an `Idempotency-Key`, each stored in the transaction of its request.
package enum IdempotencyKeys {
    static let schema = CollectionSchema(
        name: "idempotency_keys",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "key": Property.string]), "content": ["bsonType": "binData"],
            "answer": Property.string, "created_at": Property.time,
        ],
        required: ["_id", "content", "answer", "created_at"],
        indexes: [.init(name: "expiry", keys: ["created_at": 1], expiresAfterSeconds: keptSeconds)])

    /// An entry is kept for 35 days of the server's time, as far back as usage may be reported. It is not a test shop's: that may be moved past the
    /// end of the key while the client still tries, or stand still while the database forgets the key.
    static let keptSeconds: Int64 = 35 * 86_400

    package struct Entry: Equatable, Sendable {
        /// SHA-256 of the request.
        package let content: [UInt8]
        package let answer: String

        package init(content: [UInt8], answer: String) {
            self.content = content
            self.answer = answer
        }
    }

    package static func find(_ key: String, of tenant: Tenant, _ reading: Reading) throws -> Entry? {
        try reading.findOne(schema.name, ["_id": id(key, tenant)]).map {
            Entry(content: try $0.binary("content"), answer: try $0.string("answer"))
        }
    }

    /// Keeps the entry from now on, by the clock that it expires by. The transaction has seen that the key is free; it fails when another one takes
    /// it meanwhile.
    package static func insert(_ entry: Entry, for key: String, of tenant: Tenant, in transaction: Transaction) throws {
        let update: Update = [
            "$setOnInsert": ["content": .binary(entry.content), "answer": .string(entry.answer)], "$currentDate": ["created_at": true],
        ]
        _ = try transaction.update(schema.name, ["_id": id(key, tenant)], update, upsert: true)
    }

    private static func id(_ key: String, _ tenant: Tenant) -> Value { ["shop_id": .id(tenant.shop), "key": .string(key)] }
}
