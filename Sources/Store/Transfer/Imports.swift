internal import BSON
package import Metering
internal import Mongo

/// The imports of files. What the first import of a file decided is kept, so that a later one makes the same event of each row.
package enum Imports {
    static let schema = CollectionSchema(
        name: "imports",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "file": Property.string]), "options": Property.string,
            "last_at": Property.optionalTime, "created_at": Property.time,
        ],
        required: ["_id", "options", "last_at", "created_at"])

    package struct Entry: Equatable, Sendable {
        /// The options of the import that decide which event a row becomes, as one text to compare.
        package let options: String
        /// The time to which the file's last row is moved; nil when times stay as they are.
        package let lastAt: Timestamp?

        package init(options: String, lastAt: Timestamp?) {
            self.options = options
            self.lastAt = lastAt
        }
    }

    /// `file`: the SHA-256 of its content, in hexadecimal.
    package static func find(_ file: String, of tenant: Tenant, _ reading: Reading) throws -> Entry? {
        try reading.findOne(schema.name, ["_id": id(file, tenant)]).map {
            Entry(options: try $0.string("options"), lastAt: try $0.optionalTime("last_at"))
        }
    }

    /// Throws `duplicate` when the file has an entry.
    package static func insert(
        _ entry: Entry, for file: String, of tenant: Tenant, at now: Timestamp, in transaction: Transaction
    ) throws {
        let document: Document = [
            "_id": id(file, tenant), "options": .string(entry.options), "last_at": .time(entry.lastAt), "created_at": .time(now),
        ]
        try transaction.insert(schema.name, [document])
    }

    private static func id(_ file: String, _ tenant: Tenant) -> Value { ["shop_id": .id(tenant.shop), "file": .string(file)] }
}
