internal import BSON
internal import CMongoc

/// A cursor of libmongoc. That it ended is believed only after `mongoc_cursor_error` had nothing to say.
@safe struct Cursor: ~Copyable {
    private let pointer: OpaquePointer

    /// Takes over the cursor, which must not outlive its client.
    @unsafe init(_ pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe mongoc_cursor_destroy(pointer)
    }

    /// The next document, nil after the last. An error here means that documents are missing.
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

extension MongoError.Labels {
    /// The labels that a reply carries (`mongoc_error_has_label`).
    @unsafe init(reply: OpaquePointer?) {
        self = []
        guard let reply = unsafe reply else { return }
        if unsafe mongoc_error_has_label(reply, "TransientTransactionError") { insert(.transientTransaction) }
        if unsafe mongoc_error_has_label(reply, "UnknownTransactionCommitResult") { insert(.unknownCommit) }
    }
}
