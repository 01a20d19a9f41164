internal import CMongoc

extension Document {
    /// The two formats of MongoDB Extended JSON (version 2).
    package enum JSONStyle: Sendable {
        /// Numbers and dates as plain JSON wherever that keeps their value.
        case relaxed
        /// Every value with its type.
        case canonical
    }

    /// The document as one line of JSON (`bson_as_relaxed_extended_json`, `bson_as_canonical_extended_json`).
    package func json(_ style: JSONStyle = .relaxed) throws(BSONError) -> String {
        let native = try NativeDocument(self)
        let text =
            switch style {
            case .relaxed: unsafe bson_as_relaxed_extended_json(native.pointer, nil)
            case .canonical: unsafe bson_as_canonical_extended_json(native.pointer, nil)
            }
        guard let text = unsafe text else { throw .invalidJSON("libbson could not write it") }
        defer { unsafe bson_free(text) }
        return unsafe String(cString: text)
    }

    /// Reads MongoDB Extended JSON of either style (`bson_new_from_json`).
    package init(json: String) throws(BSONError) {
        var error = bson_error_t()
        let bytes = Array(json.utf8)
        guard let native = unsafe bson_new_from_json(bytes, bytes.count, &error) else {
            throw .invalidJSON(Self.message(of: error))
        }
        defer { unsafe bson_destroy(native) }
        try unsafe self.init(copying: native)
    }

    private static func message(of error: bson_error_t) -> String {
        unsafe withUnsafeBytes(of: error.message) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }.prefix(200), as: UTF8.self)
        }
    }
}
