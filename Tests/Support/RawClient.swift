internal import Dispatch
internal import Glibc
internal import Synchronization

/// An HTTP client that sends exactly the bytes it is given, and reads answers strictly. It blocks on a queue of its own, never on a thread of Swift's
/// pool, where the server's handlers run. Every read and write ends within the timeout.
package final class RawClient: Sendable {
    package enum Failure: Error, Equatable {
        case cannotConnect(errno: Int32)
        case timedOut
        /// The server closed the connection before the end of what was to be read.
        case closed
        /// The server reset the connection, or another error of recv(2) or send(2).
        case broken(errno: Int32)
        case malformed(String)
    }

    private let file: Int32
    private let queue = DispatchQueue(label: "raw client")
    private let received = Mutex<[UInt8]>([])

    /// Connects to 127.0.0.1.
    /// - Parameter receiveBuffer: the bytes that the kernel buffers for this client (SO_RCVBUF), for tests of slow readers.
    package init(port: UInt16, timeout: Duration = .seconds(60), receiveBuffer: Int32? = nil) throws {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.file = file
        set(SO_RCVTIMEO, timeval(timeout))
        set(SO_SNDTIMEO, timeval(timeout))
        if let receiveBuffer { set(SO_RCVBUF, receiveBuffer) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = unsafe withUnsafeBytes(of: &address) { bytes in
            unsafe connect(file, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
        if result != 0 { throw Failure.cannotConnect(errno: errno) }
    }

    deinit {
        _ = Glibc.close(file)
    }

    package func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    package func send(_ bytes: [UInt8]) async throws {
        try await onQueue { [self] in try write(bytes) }
    }

    /// Closes the sending side of the connection; the server's answers can still be read.
    package func finishSending() {
        _ = shutdown(file, Int32(SHUT_WR))
    }

    /// Reads one whole response; an interim one (1xx) counts as a response.
    /// - Parameter isHead: whether it answers a HEAD request, so that no body follows.
    package func response(isHead: Bool = false) async throws -> RawResponse {
        try await onQueue { [self] in try read(isHead: isHead) }
    }

    /// Reads all bytes until the server closes the connection.
    package func rest() async throws -> [UInt8] {
        try await onQueue { [self] in
            try received.withLock { buffer in
                try takeAll(&buffer)
            }
        }
    }

    /// Reads up to `limit` bytes: those that are there, or else the next that come.
    package func some(upTo limit: Int) async throws -> [UInt8] {
        try await onQueue { [self] in
            try received.withLock { buffer in
                if buffer.isEmpty, try !receive(into: &buffer, upTo: limit) { throw Failure.closed }
                defer { buffer.removeFirst(min(limit, buffer.count)) }
                return Array(buffer.prefix(limit))
            }
        }
    }

    /// Sends a request with its Content-Length, and reads the response.
    package func request(_ method: String, _ target: String, headers: [String] = [], body: String = "") async throws -> RawResponse {
        let length = body.isEmpty ? [] : ["Content-Length: \(body.utf8.count)"]
        let lines = ["\(method) \(target) HTTP/1.1", "Host: localhost"] + headers + length
        let text = lines.joined(separator: "\r\n") + "\r\n\r\n" + body
        return try await onQueue { [self] in
            let start = ContinuousClock.now
            try write(Array(text.utf8))
            var response = try read(isHead: method == "HEAD")
            response.took = .now - start
            return response
        }
    }

    private func onQueue<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try work() }) }
        }
    }

    private func set<Value: BitwiseCopyable>(_ option: Int32, _ value: Value) {
        _ = unsafe withUnsafeBytes(of: value) { unsafe setsockopt(file, SOL_SOCKET, option, $0.baseAddress, socklen_t($0.count)) }
    }
}

/// Writing, reading and parsing, on the queue.
extension RawClient {
    private func write(_ bytes: [UInt8]) throws {
        var start = 0
        while start < bytes.count {
            let sent = unsafe bytes[start...].withUnsafeBytes { unsafe Glibc.send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if sent < 0 { throw errno == EAGAIN ? Failure.timedOut : .broken(errno: errno) }
            start += sent
        }
    }

    private func read(isHead: Bool) throws -> RawResponse {
        try received.withLock { buffer in
            let head = try take(until: "\r\n\r\n", &buffer)
            var response = try RawResponse(head: head)
            if !isHead { response.body = try body(of: response, &buffer) }
            return response
        }
    }

    private func body(of response: RawResponse, _ buffer: inout [UInt8]) throws -> [UInt8] {
        if response.status < 200 || response.status == 204 || response.status == 304 { return [] }
        if response["transfer-encoding"] == "chunked" { return try chunks(&buffer) }
        guard let text = response["content-length"] else { return try takeAll(&buffer) }
        guard let length = Int(text) else { throw Failure.malformed(text) }
        return try take(length, &buffer)
    }

    private func chunks(_ buffer: inout [UInt8]) throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let line = try take(until: "\r\n", &buffer)
            guard let size = Int(line, radix: 16) else { throw Failure.malformed(line) }
            body += try take(size, &buffer)
            guard try take(2, &buffer) == Array("\r\n".utf8) else { throw Failure.malformed("a chunk's end") }
            if size == 0 { return body }
        }
    }

    private func take(_ count: Int, _ buffer: inout [UInt8]) throws -> [UInt8] {
        while buffer.count < count {
            if try !receive(into: &buffer) { throw Failure.closed }
        }
        defer { buffer.removeFirst(count) }
        return Array(buffer.prefix(count))
    }

    private func take(until end: String, _ buffer: inout [UInt8]) throws -> String {
        let end = Array(end.utf8)
        while true {
            if let range = buffer.firstRange(of: end) {
                defer { buffer.removeFirst(range.upperBound) }
                return String(decoding: buffer[..<range.lowerBound], as: UTF8.self)
            }
            if try !receive(into: &buffer) { throw Failure.closed }
        }
    }

    private func takeAll(_ buffer: inout [UInt8]) throws -> [UInt8] {
        while try receive(into: &buffer) {}
        defer { buffer = [] }
        return buffer
    }

    /// Receives some bytes; returns false when the server has closed the connection.
    private func receive(into buffer: inout [UInt8], upTo limit: Int = 64 * 1024) throws -> Bool {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = unsafe recv(file, &bytes, limit, 0)
        if count < 0 { throw errno == EAGAIN ? Failure.timedOut : .broken(errno: errno) }
        buffer += bytes.prefix(count)
        return count > 0
    }
}

/// A response as it came over the wire; the body without its framing.
package struct RawResponse: Sendable {
    package let status: Int
    /// The header fields in order, their names in lower case.
    package let headers: [(name: String, value: String)]
    package var body: [UInt8] = []
    /// From the request's first byte to the response's last, without the time in which the test's task waited for a thread; nil where the two were
    /// not sent and read in one.
    package var took: Duration?

    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The first value of a header field.
    /// - Parameter name: in lower case.
    package subscript(name: String) -> String? {
        headers.first { $0.name == name }?.value
    }

    /// - Parameter head: the status line and the header lines, without the empty one.
    init(head: String) throws {
        let lines = head.split(separator: "\r\n")
        guard let words = lines.first?.split(separator: " ", maxSplits: 2), words.count > 1, words[0] == "HTTP/1.1",
            let status = Int(words[1])
        else { throw RawClient.Failure.malformed(head) }
        self.status = status
        headers = try lines.dropFirst().map { line in
            guard let colon = line.firstIndex(of: ":") else { throw RawClient.Failure.malformed(head) }
            return (line[..<colon].lowercased(), line[line.index(after: colon)...].drop { $0 == " " }.description)
        }
    }
}

extension timeval {
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    }
}
