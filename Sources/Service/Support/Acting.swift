package import Metering
internal import Store

extension ShopMeter {
    /// Runs `body`, whose changes the author makes: the audit log names them.
    package func acting<Result>(as author: Author, _ body: () async throws -> Result) async rethrows -> Result {
        try await Author.$current.withValue(author, operation: body)
    }
}
