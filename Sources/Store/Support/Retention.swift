internal import BSON
internal import Mongo

/// How long documents are kept whose work is done: the server removes each so many days after the time in a field of its own, which it has from its
/// end on. Of periods that closed all are kept: an audit works an account out again from its first one on.
enum Retention {
    /// When the document's work was done, by the server's clock.
    static let field = "ended_at"

    static func index(days: Int64) -> CollectionSchema.Index {
        CollectionSchema.Index(name: "expiry", keys: Document([(field, 1)]), expiresAfterSeconds: days * 86_400)
    }

    /// Lets the time of documents that ended before they had the field begin now. Idempotent.
    static func begin(_ collection: String, where ended: Document, _ writing: Writing) throws {
        var filter = ended
        filter[field] = ["$exists": false]
        _ = try writing.updateMany(collection, filter, .pipeline([["$set": .document([(field, .string("$$NOW"))])]]))
    }
}
