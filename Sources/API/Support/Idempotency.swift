import Bytes
import Crypto
import HTTP
import JSON
import Metering
import Service
import Web

extension Call {
    /// The request's `Idempotency-Key`; nil when it has none.
    var idempotencyKey: String? {
        get throws(Problem) {
            let keys = request.headers.values(of: Idempotency.header)
            guard let key = keys.first else { return nil }
            guard keys.count == 1 else { throw .invalid(Idempotency.headerName, "is given more than once") }
            guard TextFormat.clientID.accepts(key) else {
                throw .invalid(Idempotency.headerName, "expected \(TextFormat.clientID.expectation)")
            }
            return key
        }
    }

    /// Makes the request happen once, when it has an `Idempotency-Key`. The content that the key stands for is the operation and the body,
    /// whatever the order of the body's fields and the space between them.
    func once<Result: Sendable>(as operation: String, answer: @escaping @Sendable (Result) -> JSON) throws -> IdempotentRequest<Result>? {
        guard let key = try idempotencyKey else { return nil }
        let content = try SHA256.hash(Array("\(operation)\n".utf8) + body.ordered.encoded)
        return IdempotentRequest(key: key, content: content) { answer($0).description }
    }
}

extension IdempotentOutcome {
    /// The answer to the request: the first answer with `"duplicate": true`, or the one that `answer` makes of the result.
    func response(_ answer: (Result) -> Response) throws -> Response {
        switch self {
        case .done(let result): return answer(result)
        case .repeated(let first):
            guard var fields = try? JSON(parsing: Array(first.utf8)).object else { throw WrongRead(what: "a stored answer as an object") }
            fields["duplicate"] = true
            return .json(200, .object(fields))
        }
    }
}

extension Schema.Field {
    /// The field that tells the first answer to an `Idempotency-Key` from the answer to a new request.
    static let repeated = optional("duplicate", .boolean, "True when the `Idempotency-Key` was used before: this is the first answer.")
}

extension JSON {
    /// The value with the fields of every object in the order of their names, so that equal values have equal text.
    fileprivate var ordered: JSON {
        switch self {
        case .object(let object):
            let fields = object.fields.sorted { $0.name.hasBytes(before: $1.name) }
            return .object(JSON.Object(unique: fields.map { JSON.Object.Field(name: $0.name, value: $0.value.ordered) }))
        case .array(let elements): return .array(elements.map(\.ordered))
        default: return self
        }
    }
}
