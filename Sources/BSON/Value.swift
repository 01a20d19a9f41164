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
    /// Bytes of any other subtype, kept as they came (4 is a UUID).
    case taggedBinary(subtype: UInt8, [UInt8])
    /// The server's own time stamp: seconds in the upper half, a counter in the lower.
    case timestamp(UInt64)
    case document(Document)
    case array([Value])
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

    /// What the value is, in the server's words.
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
