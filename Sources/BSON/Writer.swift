/// Writes a document into memory of exactly its `EncodedSize`. Every write is checked against the end of that memory.
@safe struct Writer {
    private let memory: UnsafeMutableRawBufferPointer
    private(set) var position = 0

    /// The memory must outlive the writer.
    @unsafe init(_ memory: UnsafeMutableRawBufferPointer) {
        unsafe self.memory = memory
    }

    mutating func write(_ document: Document) {
        let start = position
        write(Int32(0))
        for field in document.fields {
            write(field.value.tag.rawValue)
            write(cString: field.key)
            write(field.value)
        }
        finish(from: start)
    }

    mutating func write(_ values: [Value]) {
        let start = position
        write(Int32(0))
        for (index, value) in values.enumerated() {
            write(value.tag.rawValue)
            write(cString: String(index))
            write(value)
        }
        finish(from: start)
    }

    /// Ends a document, and writes its length at its start.
    private mutating func finish(from start: Int) {
        write(UInt8(0))
        unsafe memory.storeBytes(of: Int32(position - start).littleEndian, toByteOffset: start, as: Int32.self)
    }

    private mutating func write(_ value: Value) {
        switch value {
        case .string(let text): write(text: text)
        case .int64(let number), .date(let number): write(number)
        case .int32(let number): write(number)
        case .double(let number): write(number.bitPattern)
        case .bool(let flag): write(UInt8(flag ? 1 : 0))
        case .null: break
        case .objectID(let id): write(id)
        case .decimal(let number): write(number)
        case .binary(let bytes): write(bytes, subtype: 0)
        case .taggedBinary(let subtype, let bytes): write(bytes, subtype: subtype)
        case .timestamp(let stamp): write(stamp)
        case .document(let document): write(document)
        case .array(let values): write(values)
        }
    }

    private mutating func write(_ id: ObjectID) {
        write(id.high.byteSwapped)
        write(id.low.byteSwapped)
    }

    private mutating func write(_ number: Decimal128) {
        write(number.low)
        write(number.high)
    }

    private mutating func write(_ bytes: [UInt8], subtype: UInt8) {
        write(Int32(bytes.count))
        write(subtype)
        unsafe bytes.withUnsafeBufferPointer { unsafe copy($0) }
    }

    private mutating func write(text: String) {
        write(Int32(text.utf8.count + 1))
        write(cString: text)
    }

    private mutating func write(cString text: String) {
        if unsafe text.utf8.withContiguousStorageIfAvailable({ unsafe copy($0) }) == nil {
            unsafe Array(text.utf8).withUnsafeBufferPointer { unsafe copy($0) }
        }
        write(UInt8(0))
    }

    @inline(__always)
    private mutating func write(_ number: some FixedWidthInteger & BitwiseCopyable) {
        // Release builds do not check the buffer's bounds.
        unsafe precondition(MemoryLayout.size(ofValue: number) <= memory.count - position)
        unsafe memory.storeBytes(of: number.littleEndian, toByteOffset: position, as: type(of: number))
        position += MemoryLayout.size(ofValue: number)
    }

    @inline(__always)
    private mutating func copy(_ bytes: UnsafeBufferPointer<UInt8>) {
        unsafe precondition(bytes.count <= memory.count - position)
        guard let target = unsafe memory.baseAddress, let source = bytes.baseAddress else { return }
        unsafe (target + position).copyMemory(from: source, byteCount: bytes.count)
        position += bytes.count
    }
}
