internal import BSON
internal import CMongoc

/// Room for the reply that a libmongoc function initializes: raw memory, for Swift's own storage is not aligned as C needs it.
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

    /// The refused writes that this reply lists.
    var failures: [MongoError.WriteFailure] {
        guard let errors = try? document().optionalArray("writeErrors") else { return [] }
        return errors.prefix(1000).compactMap { entry in
            guard let entry = entry.asDocument, let index = entry["index"]?.asInt64, let code = entry["code"]?.asInt64 else { return nil }
            return MongoError.WriteFailure(index: Int(index), code: Int32(truncatingIfNeeded: code))
        }
    }
}
