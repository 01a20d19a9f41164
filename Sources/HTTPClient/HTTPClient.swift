/// Sends one message at a time, each on a connection of its own.
package struct HTTPClient: Sendable {
    /// The bounds of a call.
    package struct Limits: Sendable {
        /// From the first byte of the connection to the last one of the answer.
        package var time: Duration = .seconds(10)
        /// Of the answer's head, in bytes.
        package var head = 16_384
        /// Of the answer's body: what is read and kept of it, in bytes.
        package var answer = 1_024

        package init() {}
    }

    /// A message and where it goes.
    package struct Message: Sendable {
        package enum Method: String, Sendable {
            case get = "GET"
            case post = "POST"
        }

        package let method: Method
        package let isSecure: Bool
        package let host: String
        package let port: UInt16
        /// The header `host`.
        package let authority: String
        /// Path and query.
        package let target: String
        package let headers: [(name: String, value: String)]
        package let body: [UInt8]

        package init(
            _ method: Method = .post, isSecure: Bool, host: String, port: UInt16, authority: String, target: String,
            headers: [(name: String, value: String)],
            body: [UInt8]
        ) {
            self.method = method
            (self.isSecure, self.host, self.port, self.authority) = (isSecure, host, port, authority)
            (self.target, self.headers, self.body) = (target, headers, body)
        }
    }

    package struct Response: Equatable, Sendable {
        package let status: Int
        /// The beginning of the body.
        package let answer: [UInt8]
    }

    package var limits = Limits()
    /// Whether it goes to private addresses too.
    private let allowsPrivate: Bool
    private let tls: TLSContext

    package init(allowingPrivate: Bool) throws(CallFailure) {
        allowsPrivate = allowingPrivate
        tls = try TLSContext()
    }

    /// Sends the message, and returns the answer, whatever its status. Blocks. A name's addresses are checked, and the connection is to one that was: what
    /// the name is said to be a moment later does not count.
    package func send(_ message: Message) throws(CallFailure) -> Response {
        let addresses = try Resolver.addresses(of: message.host, port: message.port)
        guard let first = addresses.first else { throw CallFailure("the host \(message.host) has no address") }
        if !allowsPrivate, let refused = addresses.first(where: { !$0.address.isPublic }) {
            throw CallFailure("\(message.host) is at \(refused.address), which is not a public address")
        }
        let deadline = ContinuousClock.now + limits.time
        var wire = try Wire(to: first, by: deadline)
        if message.isSecure { try wire.secure(tls, host: message.host) }
        try wire.send(message.encoded)
        var reader = ResponseReader(limits)
        do throws(CallFailure) {
            while try !reader.take(wire.receive(atMost: 4_096)) {}
        } catch {
            // A body that does not come to its end changes nothing about the status.
            guard reader.status != nil else { throw error }
        }
        guard let status = reader.status else { throw CallFailure("the answer is not HTTP/1.1") }
        return Response(status: status, answer: reader.answer)
    }
}

/// Why a call has no answer, in words.
package struct CallFailure: Error, Equatable, Sendable {
    package let reason: String

    init(_ reason: String) { self.reason = reason }

    static let timeout = CallFailure("no answer in time")
}

extension HTTPClient.Message {
    fileprivate var encoded: [UInt8] {
        var head = "\(method.rawValue) \(target) HTTP/1.1\r\nhost: \(authority)\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if method == .post { head += "content-length: \(body.count)\r\n" }
        head += "connection: close\r\n\r\n"
        return Array(head.utf8) + body
    }
}
