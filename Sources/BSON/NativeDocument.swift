internal import CMongoc

/// A document as a `bson_t` on libbson's heap, freed with this value. (A Swift variable cannot hold a `bson_t`, which needs an alignment of
/// 128 bytes.)
@safe package struct NativeDocument: ~Copyable {
    /// Valid as long as this value lives.
    package let pointer: OpaquePointer

    /// Encodes straight into libbson's memory (`bson_reserve_buffer`).
    package init(_ document: Document) throws(BSONError) {
        self.init(size: try EncodedSize.of(document)) { $0.write(document) }
    }

    /// Encodes an array as the outermost value, the form of an aggregation pipeline.
    package init(_ values: [Value]) throws(BSONError) {
        self.init(size: try EncodedSize.of(values)) { $0.write(values) }
    }

    private init(size: Int, _ write: (inout Writer) -> Void) {
        unsafe pointer = bson_new()
        // The size is at most 16 MB; libbson aborts when there is no memory, so there is a buffer.
        let buffer = unsafe bson_reserve_buffer(pointer, UInt32(size))
        var writer = unsafe Writer(UnsafeMutableRawBufferPointer(start: buffer, count: size))
        write(&writer)
    }

    /// Gives up the `bson_t`, which the caller must free.
    @unsafe fileprivate consuming func release() -> OpaquePointer {
        let pointer = unsafe pointer
        discard self
        return unsafe pointer
    }

    deinit {
        unsafe bson_destroy(pointer)
    }
}

extension Document {
    /// Copies the document out of a `bson_t` that libbson or libmongoc lends.
    @unsafe package init(copying native: OpaquePointer) throws(BSONError) {
        let data = unsafe bson_get_data(native)
        // A bson_t's bytes begin with their own length, which libbson keeps up to date.
        let length = unsafe UnsafeRawPointer(data)?.loadUnaligned(as: Int32.self) ?? 0
        let bytes = unsafe UnsafeBufferPointer(start: data, count: Int(Int32(littleEndian: length)))
        self = try unsafe Reader.document(in: bytes.span)
    }
}

/// An array of `const bson_t *` for a C function, freed with this value.
@safe package struct NativeDocuments: ~Copyable {
    private var pointers: [OpaquePointer?]

    package init(_ documents: [Document]) throws(BSONError) {
        unsafe pointers = []
        unsafe pointers.reserveCapacity(documents.count)
        for document in documents {
            unsafe pointers.append(try NativeDocument(document).release())
        }
    }

    /// The pointers are valid during the call only.
    package mutating func withPointers<R>(_ body: (UnsafeMutablePointer<OpaquePointer?>?) -> R) -> R {
        unsafe pointers.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress) }
    }

    deinit {
        for index in unsafe pointers.indices { unsafe bson_destroy(pointers[index]) }
    }
}
