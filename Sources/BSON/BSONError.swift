/// Why bytes, text or a field could not be read or written as BSON.
package enum BSONError: Error, Hashable, CustomStringConvertible {
    /// The bytes end too early, or a length points outside the document. The offset is where the reader noticed it.
    case truncated(offset: Int)
    /// A terminator that is not 0, a boolean that is neither 0 nor 1, or bytes after the document.
    case malformed(offset: Int)
    case invalidUTF8(offset: Int)
    /// A BSON type that this service never stores (code, regular expression, minKey, …).
    case unsupportedType(UInt8, offset: Int)
    case tooDeep
    case tooLarge(bytes: Int)
    case keyContainsNUL
    case missing(field: String)
    case wrongType(field: String, expected: String, found: String)
    case invalidJSON(String)

    package var description: String {
        switch self {
        case .truncated(let offset): "the BSON is truncated at byte \(offset)"
        case .malformed(let offset): "the BSON is malformed at byte \(offset)"
        case .invalidUTF8(let offset): "the BSON text at byte \(offset) is not UTF-8"
        case .unsupportedType(let type, let offset): "the BSON type \(type) at byte \(offset) is not supported"
        case .tooDeep: "the document is nested deeper than \(BSONLimit.depth) levels"
        case .tooLarge(let bytes): "the document needs \(bytes) bytes, more than \(BSONLimit.bytes)"
        case .keyContainsNUL: "a field name contains NUL"
        case .missing(let field): "the field \(field) is missing"
        case .wrongType(let field, let expected, let found): "the field \(field) is \(found), not \(expected)"
        case .invalidJSON(let message): "the JSON is not a document: \(message)"
        }
    }
}

/// The maximum depth and size of a document, when it is read and when it is written.
package enum BSONLimit {
    /// Levels of documents and arrays, the outermost included. The server takes 180, libbson's JSON parser 100.
    package static let depth = 32
    /// Bytes of one document; the server has the same limit.
    package static let bytes = 16 * 1024 * 1024
}
