internal import BSON
package import Metering
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

    /// An entry is kept for 35 days of the system's time, as far back as usage may be reported.
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

    /// `now`: the system's time, by which the entry expires. Throws `duplicate` when the key is taken.
    package static func insert(
        _ entry: Entry, for key: String, of tenant: Tenant, at now: Timestamp, in transaction: Transaction
    ) throws {
        let document: Document = [
            "_id": id(key, tenant), "content": .binary(entry.content), "answer": .string(entry.answer), "created_at": .time(now),
        ]
        try transaction.insert(schema.name, [document])
    }

    private static func id(_ key: String, _ tenant: Tenant) -> Value { ["shop_id": .id(tenant.shop), "key": .string(key)] }
}
