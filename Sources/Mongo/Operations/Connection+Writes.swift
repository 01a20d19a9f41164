package import BSON
internal import CMongoc

extension Connection {
    /// Inserts the documents. An unordered insert goes on after a refused document; the error lists the refused (`MongoError.failures`).
    package final func insert(_ collection: String, _ documents: [Document], ordered: Bool = true) throws(MongoError) {
        guard !documents.isEmpty else { return }
        var natives = try encoded(documents)
        let options = try options(["ordered": .bool(ordered), "validate": false])
        try unsafe withCollection(collection) { collection throws(MongoError) in
            _ = try unsafe call { reply, error in
                unsafe natives.withPointers { pointers in
                    unsafe mongoc_collection_insert_many(collection, pointers, documents.count, options.pointer, reply, error)
                }
            }
        }
    }

    /// Changes the first document that matches the filter.
    package final func update(
        _ collection: String, _ filter: Document, _ update: Update, upsert: Bool = false
    ) throws(MongoError) -> UpdateResult {
        try unsafe self.update(collection, filter, update, upsert: upsert, mongoc_collection_update_one)
    }

    /// Changes every document that matches the filter. Not retried by libmongoc: after an error some of them may be changed.
    package final func updateMany(_ collection: String, _ filter: Document, _ update: Update) throws(MongoError) -> UpdateResult {
        try unsafe self.update(collection, filter, update, upsert: false, mongoc_collection_update_many)
    }

    /// Deletes the first document that matches the filter. Returns how many were deleted: 0 or 1.
    package final func deleteOne(_ collection: String, _ filter: Document) throws(MongoError) -> Int {
        try unsafe delete(collection, filter, mongoc_collection_delete_one)
    }

    /// Deletes every document that matches the filter. Returns how many were deleted. Not retried by libmongoc.
    package final func deleteMany(_ collection: String, _ filter: Document) throws(MongoError) -> Int {
        try unsafe delete(collection, filter, mongoc_collection_delete_many)
    }

    /// Changes the first document that matches the filter. Returns the document before the change, or after it (`returnNew`); nil when none
    /// matched.
    package final func findAndModify(
        _ collection: String, _ filter: Document, _ update: Update, sort: Document? = nil, upsert: Bool = false,
        returnNew: Bool = true, maxTimeMS: UInt32? = nil
    ) throws(MongoError) -> Document? {
        let filter = try encoded(filter)
        let update = try update.encode()
        let sort = try encoded(sort ?? [:])
        let extra = try options()
        return try unsafe withCollection(collection) { collection throws(MongoError) in
            let options = unsafe mongoc_find_and_modify_opts_new()
            defer { unsafe mongoc_find_and_modify_opts_destroy(options) }
            unsafe mongoc_find_and_modify_opts_set_update(options, update.pointer)
            unsafe mongoc_find_and_modify_opts_set_sort(options, sort.pointer)
            unsafe mongoc_find_and_modify_opts_set_flags(options, Self.flags(upsert: upsert, returnNew: returnNew))
            unsafe mongoc_find_and_modify_opts_append(options, extra.pointer)
            if let maxTimeMS { unsafe mongoc_find_and_modify_opts_set_max_time_ms(options, maxTimeMS) }
            let reply = try unsafe call {
                unsafe mongoc_collection_find_and_modify_with_opts(collection, filter.pointer, options, $0, $1)
            }
            return reply["value"]?.asDocument
        }
    }

    private static func flags(upsert: Bool, returnNew: Bool) -> mongoc_find_and_modify_flags_t {
        var flags = MONGOC_FIND_AND_MODIFY_NONE.rawValue
        if upsert { flags |= MONGOC_FIND_AND_MODIFY_UPSERT.rawValue }
        if returnNew { flags |= MONGOC_FIND_AND_MODIFY_RETURN_NEW.rawValue }
        return mongoc_find_and_modify_flags_t(flags)
    }

    /// `mongoc_collection_update_one` or `_many`: collection, filter, update, options, reply, error.
    private typealias UpdateFunction = (
        OpaquePointer?, OpaquePointer?, OpaquePointer?, OpaquePointer?, OpaquePointer?, UnsafeMutablePointer<bson_error_t>?
    ) -> Bool

    private func update(
        _ collection: String, _ filter: Document, _ update: Update, upsert: Bool, _ function: UpdateFunction
    ) throws(MongoError) -> UpdateResult {
        let filter = try encoded(filter)
        let update = try update.encode()
        let options = try options(["upsert": .bool(upsert), "validate": false])
        let reply = try unsafe withCollection(collection) { collection throws(MongoError) in
            try unsafe call { unsafe function(collection, filter.pointer, update.pointer, options.pointer, $0, $1) }
        }
        return UpdateResult(
            matched: reply.count("matchedCount"), modified: reply.count("modifiedCount"), upsertedID: reply["upsertedId"])
    }

    /// `mongoc_collection_delete_one` or `_many`: collection, filter, options, reply, error.
    private typealias DeleteFunction = (
        OpaquePointer?, OpaquePointer?, OpaquePointer?, OpaquePointer?, UnsafeMutablePointer<bson_error_t>?
    ) -> Bool

    private func delete(_ collection: String, _ filter: Document, _ function: DeleteFunction) throws(MongoError) -> Int {
        let filter = try encoded(filter)
        let options = try options()
        let reply = try unsafe withCollection(collection) { collection throws(MongoError) in
            try unsafe call { unsafe function(collection, filter.pointer, options.pointer, $0, $1) }
        }
        return reply.count("deletedCount")
    }
}

extension Document {
    /// A count in a reply of libmongoc, which leaves a count of 0 out.
    func count(_ key: String) -> Int { Int(self[key]?.asInt64 ?? 0) }
}
