/// The byte before each field (bsonspec.org, version 1.1) of the types that are kept.
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
