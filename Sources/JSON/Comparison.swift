import Bytes

/// Values are equal when their texts have the same bytes, numbers with the same source text among them, and the fields of their objects come in
/// the same order.
extension JSON: Hashable {
    package static func == (left: JSON, right: JSON) -> Bool {
        switch (left, right) {
        case (.object(let mine), .object(let theirs)): mine == theirs
        case (.array(let mine), .array(let theirs)): mine == theirs
        case (.string(let mine), .string(let theirs)), (.number(let mine), .number(let theirs)): mine.hasSameBytes(as: theirs)
        case (.integer(let mine), .integer(let theirs)): mine == theirs
        case (.bool(let mine), .bool(let theirs)): mine == theirs
        case (.null, .null): true
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .object(let object): hasher.combine(object)
        case .array(let elements): hasher.combine(elements)
        case .string(let text), .number(let text): text.hashBytes(into: &hasher)
        case .integer(let integer): hasher.combine(integer)
        case .bool(let bool): hasher.combine(bool)
        case .null: break
        }
    }
}
