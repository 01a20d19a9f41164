/// One BSON value.
package enum Value: Sendable, Hashable {
    case string(String)
    case int64(Int64)
    case int32(Int32)
    case double(Double)
    case bool(Bool)
    case null
    /// Milliseconds since 1970, UTC.
    case date(milliseconds: Int64)
    case objectID(ObjectID)
    case decimal(Decimal128)
    /// Bytes of the generic subtype, 0.
    case binary([UInt8])
    /// Bytes of any other subtype (4 is a UUID).
    case taggedBinary(subtype: UInt8, [UInt8])
    /// A time stamp of the server's log: seconds since 1970 in the upper 32 bits, a counter in the lower.
    case timestamp(UInt64)
    case document(Document)
    case array([Value])
}

/// Text is compared by its bytes, as the server does: ids that look alike are others.
extension Value {
    package static func == (left: Value, right: Value) -> Bool {
        switch (left, right) {
        case (.string(let mine), .string(let theirs)): mine.utf8.elementsEqual(theirs.utf8)
        case (.int64(let mine), .int64(let theirs)): mine == theirs
        case (.int32(let mine), .int32(let theirs)): mine == theirs
        case (.double(let mine), .double(let theirs)): mine == theirs
        case (.bool(let mine), .bool(let theirs)): mine == theirs
        case (.null, .null): true
        case (.date(let mine), .date(let theirs)): mine == theirs
        case (.objectID(let mine), .objectID(let theirs)): mine == theirs
        case (.decimal(let mine), .decimal(let theirs)): mine == theirs
        case (.binary(let mine), .binary(let theirs)): mine == theirs
        case (.taggedBinary(let tag, let mine), .taggedBinary(let other, let theirs)): tag == other && mine == theirs
        case (.timestamp(let mine), .timestamp(let theirs)): mine == theirs
        case (.document(let mine), .document(let theirs)): mine == theirs
        case (.array(let mine), .array(let theirs)): mine == theirs
        default: false
        }
    }
}

extension Value {
    package var asString: String? { if case .string(let value) = self { value } else { nil } }
    package var asDouble: Double? { if case .double(let value) = self { value } else { nil } }
    package var asBool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// Milliseconds since 1970, UTC.
    package var asDate: Int64? { if case .date(let value) = self { value } else { nil } }
    package var asObjectID: ObjectID? { if case .objectID(let value) = self { value } else { nil } }
    package var asDecimal: Decimal128? { if case .decimal(let value) = self { value } else { nil } }
    package var asBinary: [UInt8]? { if case .binary(let value) = self { value } else { nil } }
    package var asDocument: Document? { if case .document(let value) = self { value } else { nil } }
    package var asArray: [Value]? { if case .array(let value) = self { value } else { nil } }

    /// An integer of either width.
    package var asInt64: Int64? {
        switch self {
        case .int64(let value): value
        case .int32(let value): Int64(value)
        default: nil
        }
    }

    /// The server's name of the value's type.
    package var typeName: String {
        switch self {
        case .string: "string"
        case .int64: "long"
        case .int32: "int"
        case .double: "double"
        case .bool: "bool"
        case .null: "null"
        case .date: "date"
        case .objectID: "objectId"
        case .decimal: "decimal"
        case .binary, .taggedBinary: "binData"
        case .timestamp: "timestamp"
        case .document: "object"
        case .array: "array"
        }
    }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral {
    package init(stringLiteral value: String) { self = .string(value) }
    /// A literal integer is a `long`, as every stored quantity is.
    package init(integerLiteral value: Int64) { self = .int64(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(nilLiteral: ()) { self = .null }
}

extension Value: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    package init(arrayLiteral elements: Value...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, Value)...) { self = .document(Document(elements)) }
}

/// The byte before a field (bsonspec.org, version 1.1), of the types that a `Value` can have.
enum TypeTag: UInt8 {
    case double = 0x01
    case string = 0x02
    case document = 0x03
    case array = 0x04
    case binary = 0x05
    case objectID = 0x07
    case bool = 0x08
    case date = 0x09
    case null = 0x0A
    case int32 = 0x10
    case timestamp = 0x11
    case int64 = 0x12
    case decimal = 0x13
}

extension Value {
    var tag: TypeTag {
        switch self {
        case .string: .string
        case .int64: .int64
        case .int32: .int32
        case .double: .double
        case .bool: .bool
        case .null: .null
        case .date: .date
        case .objectID: .objectID
        case .decimal: .decimal
        case .binary, .taggedBinary: .binary
        case .timestamp: .timestamp
        case .document: .document
        case .array: .array
        }
    }
}
