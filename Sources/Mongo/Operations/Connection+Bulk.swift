internal import BSON
internal import CMongoc

extension Connection {
    /// Runs the writes in as few messages as they fit in. An unordered bulk goes on after a refused write; the error lists the refused.
    package final func bulk(_ collection: String, _ writes: [BulkWrite], ordered: Bool = true) throws(MongoError) -> BulkResult {
        guard !writes.isEmpty else { return .nothing }
        let options = try options(["ordered": .bool(ordered)])
        return try unsafe withCollection(collection) { collection throws(MongoError) in
            let plain = try encoded(["validate": false])
            let upserting = try encoded(["validate": false, "upsert": true])
            let handle = unsafe mongoc_collection_create_bulk_operation_with_opts(collection, options.pointer)
            guard let handle = unsafe handle else { throw MongoError(.misuse, "no bulk handle") }
            let bulk = unsafe Bulk(handle, plain: plain, upserting: upserting)
            for write in writes { try bulk.add(write) }
            return BulkResult(reply: try unsafe call { unsafe bulk.execute(reply: $0, error: $1) })
        }
    }
}

/// A bulk operation of libmongoc, to be executed once.
@safe private struct Bulk: ~Copyable {
    private let pointer: OpaquePointer
    // Names and operators were checked in Swift, so that libmongoc need not (`validate: false`).
    private let plain: NativeDocument
    private let upserting: NativeDocument

    /// Takes over the handle, which must not outlive its client.
    @unsafe init(_ pointer: OpaquePointer, plain: consuming NativeDocument, upserting: consuming NativeDocument) {
        unsafe self.pointer = pointer
        self.plain = plain
        self.upserting = upserting
    }

    deinit {
        unsafe mongoc_bulk_operation_destroy(pointer)
    }

    borrowing func add(_ write: BulkWrite) throws(MongoError) {
        switch write {
        case .insert(let document): try insert(document)
        case .updateOne(let filter, let update, let upsert): try self.update(filter, update, upsert: upsert)
        case .replaceOne(let filter, let replacement, let upsert): try replace(filter, replacement, upsert: upsert)
        case .deleteOne(let filter): try delete(filter)
        }
    }

    @unsafe borrowing func execute(reply: OpaquePointer, error: UnsafeMutablePointer<bson_error_t>) -> Bool {
        unsafe mongoc_bulk_operation_execute(pointer, reply, error) != 0
    }

    private borrowing func insert(_ document: Document) throws(MongoError) {
        let document = try encoded(document)
        var error = bson_error_t()
        try Self.check(unsafe mongoc_bulk_operation_insert_with_opts(pointer, document.pointer, plain.pointer, &error), error)
    }

    private borrowing func update(_ filter: Document, _ update: Update, upsert: Bool) throws(MongoError) {
        let filter = try encoded(filter)
        let update = try update.encode()
        let options = unsafe upsert ? upserting.pointer : plain.pointer
        var error = bson_error_t()
        try Self.check(
            unsafe mongoc_bulk_operation_update_one_with_opts(pointer, filter.pointer, update.pointer, options, &error), error)
    }

    private borrowing func replace(_ filter: Document, _ replacement: Document, upsert: Bool) throws(MongoError) {
        guard !replacement.contains(where: { $0.key.hasPrefix("$") }) else {
            throw MongoError(.misuse, "a replacement has no operators")
        }
        let filter = try encoded(filter)
        let replacement = try encoded(replacement)
        let options = unsafe upsert ? upserting.pointer : plain.pointer
        var error = bson_error_t()
        try Self.check(
            unsafe mongoc_bulk_operation_replace_one_with_opts(pointer, filter.pointer, replacement.pointer, options, &error), error)
    }

    private borrowing func delete(_ filter: Document) throws(MongoError) {
        let filter = try encoded(filter)
        var error = bson_error_t()
        try Self.check(unsafe mongoc_bulk_operation_remove_one_with_opts(pointer, filter.pointer, nil, &error), error)
    }

    private static func check(_ isAccepted: Bool, _ error: bson_error_t) throws(MongoError) {
        guard isAccepted else { throw MongoError(error) }
    }
}

extension BulkResult {
    fileprivate init(reply: Document) {
        let upserts = (reply["upserted"]?.asArray ?? []).compactMap { entry -> (Int, Value)? in
            guard let entry = entry.asDocument, let index = entry["index"]?.asInt64, let id = entry["_id"] else { return nil }
            return (Int(index), id)
        }
        self.init(
            inserted: reply.count("nInserted"), matched: reply.count("nMatched"), modified: reply.count("nModified"),
            deleted: reply.count("nRemoved"), upserted: reply.count("nUpserted"),
            upsertedIDs: Dictionary(upserts, uniquingKeysWith: { first, _ in first }))
    }
}
