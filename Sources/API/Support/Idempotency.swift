import Crypto
import HTTP
import JSON
import Service

extension Call {
    /// What makes the request happen once, when it carries an `Idempotency-Key`. Its content is the operation and the
    /// body, whatever the order of its fields and the space between them.
    func once<Result: Sendable>(as operation: String, answer: @escaping @Sendable (Result) -> JSON) throws -> IdempotentRequest<Result>? {
        guard let key = try idempotencyKey else { return nil }
        let content = try SHA256.hash(Array("\(operation)\n".utf8) + body.ordered.encoded)
        return IdempotentRequest(key: key, content: content) { answer($0).description }
    }
}

extension Response {
    /// A first answer, given again.
    static func replay(_ answer: String) throws -> Response {
        guard let first = try? JSON(parsing: Array(answer.utf8)).object else { throw WrongRead(what: "a stored answer as an object") }
        var fields = first
        fields["duplicate"] = true
        return .json(200, .object(fields))
    }
}

extension JSON {
    /// The same value with the fields of every object in the order of their names: equal values have equal text.
    fileprivate var ordered: JSON {
        switch self {
        case .object(let object):
            let fields = object.fields.sorted { $0.name < $1.name }
            return .object(JSON.Object(unique: fields.map { JSON.Object.Field(name: $0.name, value: $0.value.ordered) }))
        case .array(let elements): return .array(elements.map(\.ordered))
        default: return self
        }
    }
}
