/// What the answer to a request must know of it.
package struct ResponseContext: Sendable, Equatable {
    package enum Version: Sendable, Equatable { case http10, http11 }

    package var version = Version.http11
    /// The answer goes without its body (RFC 9110, 9.3.2).
    package var isHead = false
    /// Whether the connection serves another request after this one (RFC 9112, 9.3).
    package var keepsAlive = true

    package init() {}

    /// For when no request could be read.
    static let closing: ResponseContext = {
        var exchange = ResponseContext()
        exchange.keepsAlive = false
        return exchange
    }()
}
