/// Reads a document from untrusted bytes: every length and terminator is checked before it is used.
struct Reader {
    private var position = 0

    static func document(in bytes: Span<UInt8>) throws(BSONError) -> Document {
        guard bytes.count <= BSONLimit.bytes else { throw .tooLarge(bytes: bytes.count) }
        var reader = Reader()
        let document = try reader.document(bytes, end: bytes.count, depth: 1)
        guard reader.position == bytes.count else { throw .malformed(offset: reader.position) }
        return document
    }

    private mutating func document(_ bytes: Span<UInt8>, end: Int, depth: Int) throws(BSONError) -> Document {
        var document = Document()
        document.reserveCapacity(8)
        let end = try open(bytes, end: end, depth: depth)
        while position < end {
            let type = try integer(bytes, end: end, as: UInt8.self)
            let key = try cString(bytes, end: end)
            document.append(key, try value(bytes, type: type, end: end, depth: depth))
        }
        try close(bytes)
        return document
    }

    /// An array is encoded as a document with its indices as keys; the keys are skipped.
    private mutating func array(_ bytes: Span<UInt8>, end: Int, depth: Int) throws(BSONError) -> [Value] {
        var values: [Value] = []
        let end = try open(bytes, end: end, depth: depth)
        while position < end {
            let type = try integer(bytes, end: end, as: UInt8.self)
            position = try terminator(bytes, end: end) + 1
            values.append(try value(bytes, type: type, end: end, depth: depth))
        }
        try close(bytes)
        return values
    }

    /// Reads a document's length.
    /// - Returns: the offset of the document's last byte, its terminator, which `close` reads.
    private mutating func open(_ bytes: Span<UInt8>, end: Int, depth: Int) throws(BSONError) -> Int {
        guard depth <= BSONLimit.depth else { throw .tooDeep }
        let start = position
        let length = Int(try integer(bytes, end: end, as: Int32.self))
        guard length >= 5, length <= end - start else { throw .truncated(offset: start) }
        return start + length - 1
    }

    private mutating func close(_ bytes: Span<UInt8>) throws(BSONError) {
        guard try integer(bytes, end: bytes.count, as: UInt8.self) == 0 else { throw .malformed(offset: position - 1) }
    }

    private mutating func value(_ bytes: Span<UInt8>, type: UInt8, end: Int, depth: Int) throws(BSONError) -> Value {
        guard let tag = TypeTag(rawValue: type) else { throw .unsupportedType(type, offset: position) }
        return switch tag {
        case .string: .string(try string(bytes, end: end))
        case .int64: .int64(try integer(bytes, end: end))
        case .int32: .int32(try integer(bytes, end: end))
        case .double: .double(Double(bitPattern: try integer(bytes, end: end)))
        case .bool: .bool(try bool(bytes, end: end))
        case .null: .null
        case .date: .date(milliseconds: try integer(bytes, end: end))
        case .objectID: .objectID(try objectID(bytes, end: end))
        case .decimal: .decimal(try decimal(bytes, end: end))
        case .binary: try binary(bytes, end: end)
        case .timestamp: .timestamp(try integer(bytes, end: end))
        case .document: .document(try document(bytes, end: end, depth: depth + 1))
        case .array: .array(try array(bytes, end: end, depth: depth + 1))
        }
    }

    private mutating func bool(_ bytes: Span<UInt8>, end: Int) throws(BSONError) -> Bool {
        switch try integer(bytes, end: end, as: UInt8.self) {
        case 0: false
        case 1: true
        default: throw .malformed(offset: position - 1)
        }
    }

    private mutating func objectID(_ bytes: Span<UInt8>, end: Int) throws(BSONError) -> ObjectID {
        let high = try integer(bytes, end: end, as: UInt64.self)
        let low = try integer(bytes, end: end, as: UInt32.self)
        return ObjectID(high: high.byteSwapped, low: low.byteSwapped)
    }

    private mutating func decimal(_ bytes: Span<UInt8>, end: Int) throws(BSONError) -> Decimal128 {
        let low = try integer(bytes, end: end, as: UInt64.self)
        let high = try integer(bytes, end: end, as: UInt64.self)
        return Decimal128(high: high, low: low)
    }

    private mutating func binary(_ bytes: Span<UInt8>, end: Int) throws(BSONError) -> Value {
        let length = Int(try integer(bytes, end: end, as: Int32.self))
        let subtype = try integer(bytes, end: end, as: UInt8.self)
        guard length >= 0, length <= end - position else { throw .truncated(offset: position) }
        let range = position..<position + length
        position += length
        let content = unsafe bytes.extracting(range).withUnsafeBufferPointer { unsafe [UInt8]($0) }
        return subtype == 0 ? .binary(content) : .taggedBinary(subtype: subtype, content)
    }

    private mutating func string(_ bytes: Span<UInt8>, end: Int) throws(BSONError) -> String {
        let length = Int(try integer(bytes, end: end, as: Int32.self))
        guard length >= 1, length <= end - position else { throw .truncated(offset: position) }
        let last = position + length - 1
        let text = try text(bytes, position..<last)
        position = last
        guard try integer(bytes, end: end, as: UInt8.self) == 0 else { throw .malformed(offset: last) }
        return text
    }

    private mutating func cString(_ bytes: Span<UInt8>, end: Int) throws(BSONError) -> String {
        let last = try terminator(bytes, end: end)
        let key = try text(bytes, position..<last)
        position = last + 1
        return key
    }

    private func terminator(_ bytes: Span<UInt8>, end: Int) throws(BSONError) -> Int {
        var index = position
        while index < end {
            if bytes[index] == 0 { return index }
            index += 1
        }
        throw .truncated(offset: position)
    }

    private func text(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(BSONError) -> String {
        do {
            return String(copying: try UTF8Span(validating: bytes.extracting(range)))
        } catch {
            throw .invalidUTF8(offset: range.lowerBound)
        }
    }

    @inline(__always)
    private mutating func integer<I: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: Span<UInt8>, end: Int, as type: I.Type = I.self
    ) throws(BSONError) -> I {
        let size = MemoryLayout<I>.size
        guard size <= end - position else { throw .truncated(offset: position) }
        // Any bits are a valid integer, and the bytes are inside the span.
        let number = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: I.self)
        position += size
        return I(littleEndian: number)
    }
}
