import BSON
import Foundation
import Mongo
import Support

@testable import Store

/// Every collection of a database with its validator and indexes: a line of canonical Extended JSON each, sorted by name.
enum SchemaListing {
    static func of(_ database: Database) throws -> [String] {
        try database.withConnection { connection in
            let reply = try connection.command(["listCollections": 1]).document("cursor").array("firstBatch")
            return try reply.compactMap(\.asDocument).map { collection in
                let name = try collection.string("name")
                let indexes = try connection.command(["listIndexes": .string(name)]).document("cursor").array("firstBatch")
                return [
                    "name": .string(name), "validator": collection["options"]?.asDocument?["validator"] ?? .null,
                    "indexes": .array(sorted(indexes)),
                ]
            }.map { (document: Document) in try document.json(.canonical) }.sorted()
        }
    }

    /// Makes collections as a listing has them.
    static func restore(_ lines: [String], in database: Database) throws {
        try database.withConnection { connection in
            for line in lines {
                let collection = try Document(json: line)
                let name = try collection.string("name")
                try connection.ensureCollection(name, validator: collection["validator"]?.asDocument)
                try connection.createIndexes(
                    name, collection.array("indexes").compactMap(\.asDocument).filter { $0["name"]?.asString != "_id_" })
            }
        }
    }

    /// The listing of an empty database after the steps up to a version, as it was when that version was made; 0 is the last commit before there
    /// were versions.
    static func recorded(_ version: Int64) throws -> [String] {
        try String(contentsOf: file(version), encoding: .utf8).split(separator: "\n").map(String.init)
    }

    static func record(_ lines: [String], as version: Int64) throws {
        try lines.map { $0 + "\n" }.joined().write(to: file(version), atomically: true, encoding: .utf8)
    }

    private static func file(_ version: Int64) -> URL { fixtureFile("schema-\(version).ndjson") }

    private static func sorted(_ indexes: [Value]) -> [Value] {
        indexes.sorted { ($0.asDocument?["name"]?.asString ?? "") < ($1.asDocument?["name"]?.asString ?? "") }
    }
}
