/// The value of a field as the type that it must have. The plain functions throw for a missing field; the `optional` ones return nil for a
/// field that is missing or null.
extension Document {
    package func string(_ key: String) throws(BSONError) -> String { try required(key, "string") { $0.asString } }
    package func int64(_ key: String) throws(BSONError) -> Int64 { try required(key, "long") { $0.asInt64 } }
    package func double(_ key: String) throws(BSONError) -> Double { try required(key, "double") { $0.asDouble } }
    package func bool(_ key: String) throws(BSONError) -> Bool { try required(key, "bool") { $0.asBool } }
    /// Milliseconds since 1970, UTC.
    package func date(_ key: String) throws(BSONError) -> Int64 { try required(key, "date") { $0.asDate } }
    package func objectID(_ key: String) throws(BSONError) -> ObjectID { try required(key, "objectId") { $0.asObjectID } }
    package func decimal(_ key: String) throws(BSONError) -> Decimal128 { try required(key, "decimal") { $0.asDecimal } }
    package func binary(_ key: String) throws(BSONError) -> [UInt8] { try required(key, "binData") { $0.asBinary } }
    package func document(_ key: String) throws(BSONError) -> Document { try required(key, "object") { $0.asDocument } }
    package func array(_ key: String) throws(BSONError) -> [Value] { try required(key, "array") { $0.asArray } }

    package func optionalString(_ key: String) throws(BSONError) -> String? { try optional(key, "string") { $0.asString } }
    package func optionalInt64(_ key: String) throws(BSONError) -> Int64? { try optional(key, "long") { $0.asInt64 } }
    package func optionalDouble(_ key: String) throws(BSONError) -> Double? { try optional(key, "double") { $0.asDouble } }
    package func optionalBool(_ key: String) throws(BSONError) -> Bool? { try optional(key, "bool") { $0.asBool } }
    /// Milliseconds since 1970, UTC.
    package func optionalDate(_ key: String) throws(BSONError) -> Int64? { try optional(key, "date") { $0.asDate } }
    package func optionalObjectID(_ key: String) throws(BSONError) -> ObjectID? { try optional(key, "objectId") { $0.asObjectID } }
    package func optionalDecimal(_ key: String) throws(BSONError) -> Decimal128? { try optional(key, "decimal") { $0.asDecimal } }
    package func optionalBinary(_ key: String) throws(BSONError) -> [UInt8]? { try optional(key, "binData") { $0.asBinary } }
    package func optionalDocument(_ key: String) throws(BSONError) -> Document? { try optional(key, "object") { $0.asDocument } }
    package func optionalArray(_ key: String) throws(BSONError) -> [Value]? { try optional(key, "array") { $0.asArray } }

    @inline(__always)
    private func required<T>(_ key: String, _ expected: String, _ read: (Value) -> T?) throws(BSONError) -> T {
        guard let value = self[key] else { throw .missing(field: key) }
        guard let typed = read(value) else { throw .wrongType(field: key, expected: expected, found: value.typeName) }
        return typed
    }

    @inline(__always)
    private func optional<T>(_ key: String, _ expected: String, _ read: (Value) -> T?) throws(BSONError) -> T? {
        guard let value = self[key], value != .null else { return nil }
        guard let typed = read(value) else { throw .wrongType(field: key, expected: expected, found: value.typeName) }
        return typed
    }
}
