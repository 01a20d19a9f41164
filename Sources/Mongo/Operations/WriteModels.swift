package import BSON

/// How an update changes a document. Its literals look as in the server's manual: `["$set": […]]`, or `[["$set": …], …]` for a pipeline.
package enum Update: Sendable, Hashable {
    /// Update operators only: `$set`, `$inc`, …
    case operators(Document)
    /// Stages that compute the new document from the old one.
    case pipeline([Document])

    /// Throws `.misuse` for an update without operators, which the server would take for a replacement of the whole document.
    func encode() throws(MongoError) -> NativeDocument {
        switch self {
        case .operators(let document):
            guard !document.isEmpty, document.allSatisfy({ $0.key.hasPrefix("$") }) else {
                throw MongoError(.misuse, "an update has operators, and nothing else")
            }
            return try encoded(document)
        case .pipeline(let stages):
            guard !stages.isEmpty else { throw MongoError(.misuse, "a pipeline without stages") }
            return try encoded(stages.map(Value.document))
        }
    }
}

extension Update: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral {
    package init(dictionaryLiteral elements: (String, Value)...) { self = .operators(Document(elements)) }
    package init(arrayLiteral elements: Document...) { self = .pipeline(elements) }
}

/// How many documents an update matched and changed.
package struct UpdateResult: Sendable, Hashable {
    package let matched: Int
    package let modified: Int
    /// The `_id` of the document that an upsert made.
    package let upsertedID: Value?
}

/// One write of a bulk.
package enum BulkWrite: Sendable, Hashable {
    case insert(Document)
    case updateOne(filter: Document, update: Update, upsert: Bool = false)
    case replaceOne(filter: Document, replacement: Document, upsert: Bool = false)
    case deleteOne(filter: Document)
}

/// How many documents the writes of a bulk inserted, matched, changed and deleted, all together.
package struct BulkResult: Sendable, Hashable {
    package let inserted: Int
    package let matched: Int
    package let modified: Int
    package let deleted: Int
    package let upserted: Int
    /// The `_id`s that upserts made, by the index of their write in the bulk.
    package let upsertedIDs: [Int: Value]

    static let nothing = BulkResult(inserted: 0, matched: 0, modified: 0, deleted: 0, upserted: 0, upsertedIDs: [:])
}
