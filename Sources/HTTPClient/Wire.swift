internal import CSystem
internal import Glibc

/// A socket that does not block, plain or by TLS. No call waits past the deadline.
struct Wire: ~Copyable {
    private let file: Int32
    private let deadline: ContinuousClock.Instant
    private var tls: TLSConnection?

    /// Connects to the address.
    init(to peer: PeerAddress, by deadline: ContinuousClock.Instant) throws(CallFailure) {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        file = socket(peer.family, kind, 0)
        self.deadline = deadline
        tls = nil
        guard file >= 0 else { throw CallFailure("no socket could be opened") }
        guard peer.connect(file) != 0 else { return }
        guard errno == EINPROGRESS || errno == EINTR else { throw CallFailure("no connection: \(Self.text(errno))") }
        try wait(POLLOUT)
        var (code, length) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
        _ = unsafe getsockopt(file, SOL_SOCKET, SO_ERROR, &code, &length)
        guard code == 0 else { throw CallFailure("no connection: \(Self.text(code))") }
    }

    deinit {
        if file >= 0 { _ = close(file) }
    }

    /// Begins TLS with a server whose certificate must be for the host.
    mutating func secure(_ context: TLSContext, host: String) throws(CallFailure) {
        let connection = try TLSConnection(context, file, host: host)
        while true {
            let result = connection.connect()
            if result > 0 { break }
            guard try isReady(after: result) else { throw CallFailure("no TLS: \(connection.reason)") }
        }
        tls = connection
    }

    borrowing func send(_ bytes: [UInt8]) throws(CallFailure) {
        var start = 0
        while start < bytes.count {
            let result = unsafe bytes.withUnsafeBufferPointer { buffer in
                let rest = unsafe UnsafeBufferPointer(rebasing: buffer[start...])
                return unsafe tls?.write(rest)
                    ?? Self.plain(Glibc.send(file, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL)), for: POLLOUT)
            }
            if result > 0 {
                start += result
            } else if try !isReady(after: result) {
                throw CallFailure("the connection broke before the message was sent")
            }
        }
    }

    /// Some bytes; none at the end.
    borrowing func receive(atMost count: Int) throws(CallFailure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        while true {
            let result = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
                unsafe tls?.read(buffer) ?? Self.plain(Glibc.recv(file, buffer.baseAddress, buffer.count, 0), for: POLLIN)
            }
            if result >= 0 { return Array(bytes[..<result]) }
            guard try isReady(after: result) else { throw CallFailure("the connection broke before there was an answer") }
        }
    }

    /// Waits for what the result of a call asks for; false for a call that failed.
    private borrowing func isReady(after result: Int) throws(CallFailure) -> Bool {
        switch result {
        case SHOPMETER_TLS_WANTS_READ: try wait(POLLIN)
        case SHOPMETER_TLS_WANTS_WRITE: try wait(POLLOUT)
        default: return false
        }
        return true
    }

    private borrowing func wait(_ event: Int32) throws(CallFailure) {
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { throw CallFailure.timeout }
            var poller = pollfd(fd: file, events: Int16(event), revents: 0)
            let count = unsafe poll(&poller, 1, Int32(left / .milliseconds(1)) + 1)
            if count > 0 { return }
            guard count == 0 || errno == EINTR else { throw CallFailure("the connection broke") }
        }
    }

    /// The result of `send` or `recv` in the words of TLS's.
    private static func plain(_ result: Int, for event: Int32) -> Int {
        guard result < 0 else { return result }
        guard errno == EAGAIN || errno == EINTR else { return SHOPMETER_TLS_FAILED }
        return event == POLLIN ? SHOPMETER_TLS_WANTS_READ : SHOPMETER_TLS_WANTS_WRITE
    }

    private static func text(_ code: Int32) -> String { unsafe String(cString: shopmeter_error_text(code)) }
}

/// What all TLS connections share: the authorities that are trusted. Made once, as reading them takes milliseconds.
@safe package final class TLSContext: Sendable {
    // Safe: an SSL_CTX may be used by several threads, and nothing changes this one.
    fileprivate nonisolated(unsafe) let pointer: UnsafeMutableRawPointer

    package init() throws(CallFailure) {
        guard let pointer = unsafe shopmeter_tls_context() else { throw CallFailure("libssl could not be started") }
        unsafe self.pointer = pointer
    }

    deinit { unsafe shopmeter_tls_context_free(pointer) }
}

/// A TLS connection of one thread.
@safe private final class TLSConnection {
    private let pointer: UnsafeMutableRawPointer
    /// It uses the context.
    private let context: TLSContext

    init(_ context: TLSContext, _ file: Int32, host: String) throws(CallFailure) {
        guard let pointer = unsafe shopmeter_tls_open(context.pointer, file, host, Resolver.isAddress(host) ? 1 : 0) else {
            throw CallFailure("no TLS: libssl takes no host \(host)")
        }
        unsafe self.pointer = pointer
        self.context = context
    }

    deinit { unsafe shopmeter_tls_close(pointer) }

    func connect() -> Int { Int(unsafe shopmeter_tls_connect(pointer)) }

    func read(_ buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        Int(unsafe shopmeter_tls_read(pointer, buffer.baseAddress, Int32(buffer.count)))
    }

    func write(_ buffer: UnsafeBufferPointer<UInt8>) -> Int {
        Int(unsafe shopmeter_tls_write(pointer, buffer.baseAddress, Int32(buffer.count)))
    }

    var reason: String { unsafe String(cString: shopmeter_tls_reason(pointer)) }
}
