/// Why an input is not handed on as a request, in words fit for its sender.
package struct RequestError: Error, Sendable, Equatable {
    package enum Kind: Sendable, Equatable { case malformed, targetTooLong, headersTooLarge, bodyTooLarge, timedOut, overloaded }

    package let kind: Kind
    /// One sentence that reveals nothing about the server.
    package let detail: String
    /// The RFC section that the input violates, or that defines the status.
    package let reference: String
    /// Whether the connection must close, because the start of the next request is unknown or cannot be trusted.
    package let closes: Bool

    package init(_ kind: Kind, _ detail: String, _ reference: String, closes: Bool = true) {
        self.kind = kind
        self.detail = detail
        self.reference = reference
        self.closes = closes
    }

    package var status: Int {
        switch kind {
        case .malformed: 400
        case .timedOut: 408
        case .bodyTooLarge: 413
        case .targetTooLong: 414
        case .headersTooLarge: 431
        case .overloaded: 503
        }
    }
}

/// Every error of this room and of `HTTPServer`.
extension RequestError {
    // Lines
    static let bareLineFeed = RequestError(.malformed, "A line must end with CR LF.", "RFC 9112, 2.2")
    static let requestLineTooLong = RequestError(.targetTooLong, "The request line is too long.", "RFC 9112, 3")
    static let requestLine = RequestError(.malformed, "The request line must be a method, a target and a version.", "RFC 9112, 3")
    static let method = RequestError(.malformed, "The method is not a token.", "RFC 9110, 9.1")
    static let target = RequestError(.malformed, "The request target must be a path or an http URI.", "RFC 9112, 3.2")
    static let version = RequestError(.malformed, "The version must be HTTP/1.1 or HTTP/1.0.", "RFC 9110, 2.5")

    // Percent escapes: the connection goes on, because the message around them is well framed
    static let escape = RequestError(.malformed, "The target has a bad percent escape.", "RFC 3986, 2.1", closes: false)
    static let escapedNUL = RequestError(.malformed, "The target has an escaped NUL.", "RFC 3986, 7.3", closes: false)
    static let escapedText = RequestError(.malformed, "The target's escapes are not UTF-8.", "RFC 3986, 2.5", closes: false)

    // Fields
    static let headersTooLarge = RequestError(.headersTooLarge, "The header section is too large.", "RFC 6585, 5")
    static let tooManyHeaders = RequestError(.headersTooLarge, "There are too many header fields.", "RFC 6585, 5")
    static let foldedLine = RequestError(.malformed, "A header value must not be folded over lines.", "RFC 9112, 5.2")
    static let fieldName = RequestError(.malformed, "A header line must be a name, a colon right after it, and a value.", "RFC 9112, 5.1")
    static let fieldValue = RequestError(.malformed, "A header value has a byte that is not allowed.", "RFC 9110, 5.5")
    static let host = RequestError(.malformed, "There must be one Host field with a valid value.", "RFC 9112, 3.2")

    // Framing
    static let contentLength = RequestError(.malformed, "There must be one Content-Length at most, of digits only.", "RFC 9112, 6.3")
    static let bothLengths = RequestError(.malformed, "Transfer-Encoding and Content-Length exclude each other.", "RFC 9112, 6.1")
    static let transferEncoding = RequestError(
        .malformed, "The only transfer encoding understood is chunked, in HTTP/1.1.", "RFC 9112, 6.1")
    static let chunkSize = RequestError(.malformed, "A chunk must start with its size in hexadecimal.", "RFC 9112, 7.1")
    static let chunkEnd = RequestError(.malformed, "A chunk must end with CR LF after its bytes.", "RFC 9112, 7.1")
    static let chunkExtension = RequestError(.malformed, "A chunk's extensions are malformed or too long.", "RFC 9112, 7.1.1")
    static let bodyTooLarge = RequestError(.bodyTooLarge, "The body is larger than this server takes.", "RFC 9110, 15.5.14")

    // The server's own errors
    package static let slowHeader = RequestError(.timedOut, "The header section did not arrive in time.", "RFC 9110, 15.5.9")
    package static let slowBody = RequestError(.timedOut, "The body did not arrive in time.", "RFC 9110, 15.5.9")
    package static let overloaded = RequestError(
        .overloaded, "The server has too much to do; try again.", "RFC 9110, 15.6.4", closes: false)
    /// For a handler that did not answer in time.
    package static let tookTooLong = RequestError(.overloaded, "The request took too long; try again.", "RFC 9110, 15.6.4")
    /// For a request whose body is still arriving: the connection closes instead of waiting for it.
    package static let overloadedWhileReading = RequestError(.overloaded, "The server has too much to do; try again.", "RFC 9110, 15.6.4")
}
