internal import BSON
internal import CMongoc

/// The `bson_t` into which a libmongoc function writes its reply. It lives in raw memory, as Swift's own storage lacks the alignment of
/// 128 bytes that C needs.
@safe struct Reply: ~Copyable {
    let pointer: OpaquePointer
    private let memory: UnsafeMutableRawPointer

    init() {
        unsafe memory = .allocate(byteCount: 128, alignment: 128)
        unsafe pointer = OpaquePointer(memory)
        unsafe bson_init(pointer)
    }

    deinit {
        unsafe bson_destroy(pointer)
        unsafe memory.deallocate()
    }

    func document() throws(MongoError) -> Document {
        do { return try unsafe Document(copying: pointer) } catch { throw MongoError(error) }
    }

    var labels: MongoError.Labels { unsafe MongoError.Labels(reply: pointer) }

    /// The refused writes that this reply lists, 1,000 at most.
    var failures: [MongoError.WriteFailure] {
        guard let errors = try? document().optionalArray("writeErrors") else { return [] }
        return errors.prefix(1000).compactMap { entry in
            guard let entry = entry.asDocument, let index = entry["index"]?.asInt64, let code = entry["code"]?.asInt64 else { return nil }
            return MongoError.WriteFailure(index: Int(index), code: Int32(truncatingIfNeeded: code))
        }
    }
}

extension MongoError.Labels {
    /// The labels that a reply of the server carries (`mongoc_error_has_label`).
    @unsafe init(reply: OpaquePointer?) {
        self = []
        guard let reply = unsafe reply else { return }
        if unsafe mongoc_error_has_label(reply, "TransientTransactionError") { insert(.transientTransaction) }
        if unsafe mongoc_error_has_label(reply, "UnknownTransactionCommitResult") { insert(.unknownCommit) }
    }
}
