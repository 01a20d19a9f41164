package import BSON
internal import CMongoc

extension Reader {
    /// The documents that match the filter, all in memory: for queries with a known bound. A `limit` is 1 or more. `hint` names the index.
    package final func find(
        _ collection: String, _ filter: Document, sort: Document? = nil, projection: Document? = nil, skip: Int? = nil, limit: Int? = nil,
        hint: String? = nil
    ) throws(MongoError) -> [Document] {
        // For the server 0 is no limit, and below that another meaning still.
        guard limit.map({ $0 > 0 }) ?? true else { throw MongoError(.misuse, "a limit is 1 or more") }
        let options = FindOptions(sort: sort, projection: projection, skip: skip, limit: limit, hint: hint)
        return try collect(findCursor(collection, filter, options))
    }

    /// The first document that matches the filter, after `skip` others.
    package final func findOne(
        _ collection: String, _ filter: Document, sort: Document? = nil, projection: Document? = nil, skip: Int? = nil
    ) throws(MongoError) -> Document? {
        try find(collection, filter, sort: sort, projection: projection, skip: skip, limit: 1).first
    }

    /// Gives the body each document that matches the filter. Throws `.cursorLost` or `.unavailable` rather than end early.
    package final func forEach(
        _ collection: String, _ filter: Document, sort: Document? = nil, projection: Document? = nil, batchSize: Int32? = nil,
        _ body: (Document) throws -> Void
    ) throws {
        let options = FindOptions(sort: sort, projection: projection, batchSize: batchSize)
        let cursor = try findCursor(collection, filter, options)
        while let document = try next(cursor) { try body(document) }
    }

    /// The documents that the pipeline gives, all in memory. A pipeline that would write (`$out`, `$merge`) is refused.
    package final func aggregate(_ collection: String, _ pipeline: [Document]) throws(MongoError) -> [Document] {
        try collect(aggregateCursor(collection, pipeline))
    }

    /// Gives the body each document that the pipeline gives.
    package final func forEachAggregated(
        _ collection: String, _ pipeline: [Document], _ body: (Document) throws -> Void
    ) throws {
        let cursor = try aggregateCursor(collection, pipeline)
        while let document = try next(cursor) { try body(document) }
    }

    /// How many documents match the filter.
    package final func count(_ collection: String, _ filter: Document) throws(MongoError) -> Int {
        let filter = try encoded(filter)
        let options = try options(["maxTimeMS": try timeLimit()])
        return try unsafe withCollection(collection) { collection throws(MongoError) in
            let reply = Reply()
            var error = bson_error_t()
            let count = unsafe mongoc_collection_count_documents(
                collection, filter.pointer, options.pointer, nil, reply.pointer, &error)
            guard count >= 0 else { throw noted(MongoError(error, reply: reply)) }
            return Int(count)
        }
    }

    private func findCursor(_ collection: String, _ filter: Document, _ find: FindOptions) throws(MongoError) -> Cursor {
        let filter = try encoded(filter)
        let options = try options(find.document(within: try timeLimit()))
        return try unsafe withCollection(collection) { collection throws(MongoError) in
            unsafe Cursor(mongoc_collection_find_with_opts(collection, filter.pointer, options.pointer, nil))
        }
    }

    private func aggregateCursor(_ collection: String, _ pipeline: [Document]) throws(MongoError) -> Cursor {
        guard !pipeline.contains(where: { $0["$out"] != nil || $0["$merge"] != nil }) else {
            throw MongoError(.misuse, "a pipeline that only reads has no $out and no $merge")
        }
        let pipeline = try encoded(pipeline.map(Value.document))
        let options = try options(["allowDiskUse": true, "maxTimeMS": try timeLimit()])
        return try unsafe withCollection(collection) { collection throws(MongoError) in
            unsafe Cursor(mongoc_collection_aggregate(collection, MONGOC_QUERY_NONE, pipeline.pointer, options.pointer, nil))
        }
    }

    private func collect(_ cursor: borrowing Cursor) throws(MongoError) -> [Document] {
        var documents: [Document] = []
        while let document = try next(cursor) { documents.append(document) }
        return documents
    }

    /// The cursor's next document. Throws `.misuse` after the loan, when the client's cursors are dead.
    private func next(_ cursor: borrowing Cursor) throws(MongoError) -> Document? {
        _ = unsafe try usableClient()
        do { return try cursor.next() } catch { throw noted(error) }
    }
}

private struct FindOptions {
    var sort: Document?
    var projection: Document?
    var skip: Int?
    var limit: Int?
    var batchSize: Int32?
    var hint: String?

    func document(within time: Value) -> Document {
        var options: Document = ["maxTimeMS": time]
        options["sort"] = sort.map(Value.document)
        options["projection"] = projection.map(Value.document)
        options["skip"] = skip.map { .int64(Int64($0)) }
        options["limit"] = limit.map { .int64(Int64($0)) }
        options["batchSize"] = batchSize.map(Value.int32)
        options["hint"] = hint.map(Value.string)
        return options
    }
}

/// A cursor of libmongoc. Its end is believed only when `mongoc_cursor_error` reports no error.
@safe private struct Cursor: ~Copyable {
    private let pointer: OpaquePointer

    /// Takes over the cursor, which must not outlive its client.
    @unsafe init(_ pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe mongoc_cursor_destroy(pointer)
    }

    /// The next document; nil after the last. An error here means that documents are missing.
    borrowing func next() throws(MongoError) -> Document? {
        var native: OpaquePointer?
        if unsafe mongoc_cursor_next(pointer, &native), let document = unsafe native {
            do { return try unsafe Document(copying: document) } catch { throw MongoError(error) }
        }
        var error = bson_error_t()
        var reply: OpaquePointer?
        guard unsafe mongoc_cursor_error_document(pointer, &error, &reply) else { return nil }
        throw MongoError(error, labels: unsafe MongoError.Labels(reply: reply))
    }
}
