/// A BSON document: fields in their order. Two fields with one name, which a server may send, are both kept, and look-ups find the first.
package struct Document: Sendable, Hashable {
    struct Field: Sendable, Hashable {
        var key: String
        var value: Value
    }

    var fields: [Field]

    package init() {
        fields = []
    }

    package init(_ fields: [(String, Value)]) {
        self.fields = fields.map { Field(key: $0.0, value: $0.1) }
    }

    package mutating func append(_ key: String, _ value: Value) {
        fields.append(Field(key: key, value: value))
    }

    package mutating func reserveCapacity(_ count: Int) {
        fields.reserveCapacity(count)
    }

    /// The value of the first field with this name. Setting changes that field or appends one; setting nil removes it.
    package subscript(key: String) -> Value? {
        get { fields.first { $0.key == key }?.value }
        set {
            switch (fields.firstIndex { $0.key == key }, newValue) {
            case (let index?, let value?): fields[index].value = value
            case (let index?, nil): fields.remove(at: index)
            case (nil, let value?): append(key, value)
            case (nil, nil): break
            }
        }
    }
}

extension Document: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, Value)...) { self.init(elements) }
}

extension Document: RandomAccessCollection {
    package var startIndex: Int { fields.startIndex }
    package var endIndex: Int { fields.endIndex }

    package subscript(position: Int) -> (key: String, value: Value) {
        let field = fields[position]
        return (field.key, field.value)
    }
}

extension Document {
    /// The document as BSON. Throws for a document beyond `BSONLimit` and for a field name with NUL.
    package func bytes() throws(BSONError) -> [UInt8] {
        let size = try EncodedSize.of(self)
        return unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            var writer = unsafe Writer(UnsafeMutableRawBufferPointer(buffer))
            writer.write(self)
            count = writer.position
        }
    }

    /// Reads a document from untrusted bytes.
    package init(bytes: [UInt8]) throws(BSONError) {
        self = try Reader.document(in: bytes.span)
    }
}
