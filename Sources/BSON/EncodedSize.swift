/// The size of an encoded document, computed before its first byte is written. It throws every error that encoding can have.
enum EncodedSize {
    static func of(_ document: Document) throws(BSONError) -> Int {
        try checked(of(document, depth: 1))
    }

    static func of(_ values: [Value]) throws(BSONError) -> Int {
        try checked(of(values, depth: 1))
    }

    private static func checked(_ bytes: Int) throws(BSONError) -> Int {
        guard bytes <= BSONLimit.bytes else { throw .tooLarge(bytes: bytes) }
        return bytes
    }

    private static func of(_ document: Document, depth: Int) throws(BSONError) -> Int {
        guard depth <= BSONLimit.depth else { throw .tooDeep }
        var bytes = 5
        for field in document.fields {
            guard !field.key.containsNUL else { throw .keyContainsNUL }
            bytes += try 2 + field.key.utf8.count + of(field.value, depth: depth)
        }
        return bytes
    }

    private static func of(_ values: [Value], depth: Int) throws(BSONError) -> Int {
        guard depth <= BSONLimit.depth else { throw .tooDeep }
        var bytes = 5
        for (index, value) in values.enumerated() {
            bytes += try 2 + digits(index) + of(value, depth: depth)
        }
        return bytes
    }

    private static func of(_ value: Value, depth: Int) throws(BSONError) -> Int {
        switch value {
        case .null: 0
        case .bool: 1
        case .int32: 4
        case .int64, .double, .date, .timestamp: 8
        case .objectID: 12
        case .decimal: 16
        case .string(let text): 5 + text.utf8.count
        case .binary(let bytes), .taggedBinary(_, let bytes): 5 + bytes.count
        case .document(let document): try of(document, depth: depth + 1)
        case .array(let values): try of(values, depth: depth + 1)
        }
    }

    /// The number of digits of an array index, which is the key of its element.
    static func digits(_ index: Int) -> Int {
        switch index {
        case ..<10: 1
        case ..<100: 2
        case ..<1000: 3
        default: String(index).utf8.count
        }
    }
}

extension String {
    fileprivate var containsNUL: Bool {
        // Native strings are contiguous, and the closure only reads the buffer.
        unsafe utf8.withContiguousStorageIfAvailable { unsafe $0.contains(0) } ?? utf8.contains(0)
    }
}
