internal import BSON
internal import Mongo

/// The version of a database's schema: the number of the last step (`Migration`) that was done on it. It is the one document of a collection of its
/// own, together with when each step was done.
enum SchemaVersion {
    static let collection = "schema"
    private static let name = "schema"

    /// The stored version; 0 for a database of ShopMeter from before there were versions, nil for one that is no database of ShopMeter.
    static func find(_ reading: Reading) throws -> Int64? {
        if let document = try reading.findOne(collection, ["_id": .string(name)]) { return try document.int64("version") }
        return try reading.hasCollection(Shops.schema.name) ? 0 : nil
    }

    /// Notes that a step is done. False when another instance has noted it before.
    static func note(_ step: Migration, _ writing: Writing) throws -> Bool {
        let done: Value = ["version": .int64(step.version), "name": .string(step.name), "at": "$$NOW"]
        let steps: Value = ["$concatArrays": [["$ifNull": ["$steps", []]], [done]]]
        let update: Document = ["$set": ["version": .int64(step.version), "steps": steps]]
        do throws(MongoError) {
            let before: Document = ["_id": .string(name), "version": ["$lt": .int64(step.version)]]
            let result = try writing.update(collection, before, [update], upsert: step.version == 1)
            return result.matched == 1 || result.upsertedID != nil
        } catch {
            guard error.kind == .duplicateKey else { throw error }
            return false
        }
    }
}

/// The database's schema is not this program's: a sentence that names the database, both versions, and the next step.
package struct SchemaError: Error, Equatable, CustomStringConvertible {
    package enum Kind: Sendable {
        /// There is no database of ShopMeter.
        case absent
        /// The service has to bring it up to date.
        case older
        /// A newer ShopMeter has changed it.
        case newer
    }

    package let kind: Kind
    package let description: String

    /// - Parameters:
    ///   - version: as `SchemaVersion.find` gives it.
    ///   - known: the version that this program works on.
    init?(_ version: Int64?, known: Int64, of database: String) {
        guard let version else {
            kind = .absent
            description = "There is no database of ShopMeter named \"\(database)\" (SHOPMETER_DATABASE). `shopmeter serve` makes one."
            return
        }
        guard version != known else { return nil }
        kind = version < known ? .older : .newer
        let facts = "The database \"\(database)\" has version \(version) of the schema, and this program works on version \(known)."
        description =
            facts
            + (version < known
                ? " Start `shopmeter serve` of this program once: it brings the database up to date."
                : " A newer ShopMeter has changed it: run that one.")
    }
}
