internal import BSON
package import Metering
internal import Mongo

/// Everything that is kept, of one shop or of all, as lines of canonical Extended JSON, which keeps the types.
package enum Backups {
    /// Documents that are inserted at once.
    private static let batch = 500

    /// The collections in the order in which they are restored: the shops and their keys last, so that nobody comes in before all is there. Leases of
    /// jobs belong to a database, and not to its shops.
    package static let collections: [String] = {
        let names = Schema.collections.map(\.name).filter { $0 != Leases.schema.name }
        let last = [APIKeys.schema.name, Shops.schema.name]
        return names.filter { !last.contains($0) } + last
    }()

    /// The version of the schema that documents are written by.
    package static var schemaVersion: Int64 { Int64(Migration.all.count) }

    /// Runs the body with all collections as they were at one instant.
    package static func reading<Result>(_ store: MeterStore, _ body: (_ lines: Lines) throws -> Result) throws -> Result {
        try store.blockingRead { reading in try reading.snapshot { try body(Lines(snapshot: $0)) } }
    }

    package struct Lines {
        fileprivate let snapshot: Snapshot

        /// Gives the body each document of the collection as a line without its end.
        package func each(_ collection: String, of shop: ShopID?, _ body: (String) throws -> Void) throws {
            try snapshot.forEach(collection, Backups.filter(collection, shop), sort: ["_id": 1]) { try body(try $0.json(.canonical)) }
        }
    }

    package static func has(_ shop: ShopID, _ store: MeterStore) throws -> Bool {
        try store.blockingRead { try Shops.find(shop, $0) } != nil
    }

    /// A collection that already has documents of the shop, or of any shop; nil when there is none.
    package static func taken(_ store: MeterStore, by shop: ShopID?) throws -> String? {
        try store.blockingRead { reading in
            try collections.first { try reading.findOne($0, filter($0, shop), projection: ["_id": 1]) != nil }
        }
    }

    /// Whether the line is a document that belongs to the shop, or to any shop when that is nil.
    package static func isDocument(_ line: String, of collection: String, _ shop: ShopID?) -> Bool {
        guard let document = try? Document(json: line), document["_id"] != nil else { return false }
        guard let shop else { return true }
        let id = document["_id"]
        let owner = collection == Shops.schema.name ? id?.asString : id?.asDocument?["shop_id"]?.asString ?? document["shop_id"]?.asString
        return owner.map { ShopID(stored: $0) == shop } ?? false
    }

    /// Inserts lines that `isDocument` has taken.
    package static func insert(_ lines: [String], into collection: String, _ store: MeterStore) throws {
        for first in stride(from: 0, to: lines.count, by: batch) {
            let documents = try lines[first..<min(first + batch, lines.count)].map { try Document(json: $0) }
            try store.blockingWrite { try $0.insert(collection, documents) }
        }
    }

    private static func filter(_ collection: String, _ shop: ShopID?) -> Document {
        guard let shop else { return [:] }
        if collection == Shops.schema.name { return ["_id": .id(shop)] }
        let schema = Schema.collections.first { $0.name == collection }
        return schema?.properties["shop_id"] == nil ? ["_id.shop_id": .id(shop)] : ["shop_id": .id(shop)]
    }
}
