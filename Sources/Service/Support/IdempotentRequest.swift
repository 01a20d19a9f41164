internal import Metering
internal import Store

/// A request that carries an `Idempotency-Key`: done once, and answered again as it was the first time.
package struct IdempotentRequest<Result: Sendable>: Sendable {
    let key: String
    /// A digest of the request's content.
    let content: [UInt8]
    let answer: @Sendable (Result) -> String

    package init(key: String, content: [UInt8], answer: @escaping @Sendable (Result) -> String) {
        self.key = key
        self.content = content
        self.answer = answer
    }

    /// Throws `replay` when the request was done before, `idempotencyConflict` when its key was used with other content.
    func replay(of tenant: Tenant, _ reading: Reading) throws {
        guard let entry = try IdempotencyKeys.find(key, of: tenant, reading) else { return }
        guard entry.content == content else {
            throw ServiceError.idempotencyConflict("The Idempotency-Key was used with other content.")
        }
        throw ServiceError.replay(answer: entry.answer)
    }

    func remember(_ result: Result, of tenant: Tenant, at now: Timestamp, in transaction: Transaction) throws {
        let entry = IdempotencyKeys.Entry(content: content, answer: answer(result))
        try IdempotencyKeys.insert(entry, for: key, of: tenant, at: now, in: transaction)
    }
}
