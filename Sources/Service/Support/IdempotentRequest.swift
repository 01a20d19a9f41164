internal import Store

/// A request with an `Idempotency-Key`: it is done once, and its first answer is kept for those that come after.
package struct IdempotentRequest<Result: Sendable>: Sendable {
    let key: String
    /// A digest of the request's content.
    let content: [UInt8]
    /// Writes the answer that is kept.
    let answer: @Sendable (Result) -> String

    package init(key: String, content: [UInt8], answer: @escaping @Sendable (Result) -> String) {
        self.key = key
        self.content = content
        self.answer = answer
    }
}

/// What became of a request that may have an `Idempotency-Key`.
package enum IdempotentOutcome<Result: Sendable>: Sendable {
    /// It is done now.
    case done(Result)
    /// It was done before: the first answer, as it was written.
    case repeated(answer: String)

    /// The result of a request without a key, which is always done now.
    package var result: Result {
        get throws(ServiceError) {
            guard case .done(let result) = self else { throw .fault("a request without an Idempotency-Key was answered as a repeated one") }
            return result
        }
    }

    func map<Other>(_ transform: (Result) -> Other) -> IdempotentOutcome<Other> {
        switch self {
        case .done(let result): .done(transform(result))
        case .repeated(let answer): .repeated(answer: answer)
        }
    }
}

extension Optional {
    /// Runs `body` and keeps its answer in one transaction, when there is a request with a key that was not used before. Without a request,
    /// `body` alone is run. Throws `idempotencyConflict` when the key was used with other content.
    func run<Result>(
        of tenant: Tenant, in transaction: Transaction, _ body: () throws -> Result
    ) throws -> IdempotentOutcome<Result> where Wrapped == IdempotentRequest<Result> {
        guard let request = self else { return .done(try body()) }
        if let first = try IdempotencyKeys.find(request.key, of: tenant, transaction) {
            guard first.content == request.content else {
                throw ServiceError.idempotencyConflict("The Idempotency-Key was used with other content.")
            }
            return .repeated(answer: first.answer)
        }
        let result = try body()
        let entry = IdempotencyKeys.Entry(content: request.content, answer: request.answer(result))
        try IdempotencyKeys.insert(entry, for: request.key, of: tenant, in: transaction)
        return .done(result)
    }
}
