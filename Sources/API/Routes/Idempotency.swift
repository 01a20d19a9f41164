import Crypto
import HTTP
import Service

extension Call {
    /// What makes the request happen once, when it carries an `Idempotency-Key`. Its content is the operation and the body's bytes.
    func once<Result: Sendable>(as operation: String, answer: @escaping @Sendable (Result) -> JSON) throws -> Once<Result>? {
        guard let key = try idempotencyKey else { return nil }
        let content = try SHA256.hash(Array("\(operation)\n".utf8) + request.body)
        return Once(key: key, content: content) { answer($0).description }
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
