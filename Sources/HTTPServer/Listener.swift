internal import CSystem
internal import Glibc

/// A listening socket, with one open file in reserve for the time when no other is free.
struct Listener: ~Copyable {
    enum Accepted: ~Copyable {
        case connection(Newcomer)
        /// The backlog is empty.
        case nobody
        /// The process or the system has no free file or no memory, or the call fails again and again.
        case failed
    }

    /// A connection that was just accepted.
    struct Newcomer: ~Copyable {
        let descriptor: Descriptor
        let client: ClientAddress?
    }

    /// How often a call is made anew at once.
    private static let attempts = 16

    let port: UInt16
    private let descriptor: Descriptor
    private var reserve: Descriptor?

    var file: Int32 { descriptor.raw }

    init(_ configuration: ServerConfiguration) throws(SystemError) {
        let address = try SocketAddress(host: configuration.host, port: configuration.port)
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let opened = Descriptor(owning: try SystemError.check("socket", socket(address.family, kind, 0)))
        var on: Int32 = 1
        _ = unsafe setsockopt(opened.raw, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        // The kernel's doubled value is inherited by every accepted connection.
        var sendBuffer = configuration.sendBuffer
        _ = unsafe setsockopt(opened.raw, SOL_SOCKET, SO_SNDBUF, &sendBuffer, socklen_t(MemoryLayout<Int32>.size))
        _ = try SystemError.check("bind", address.bind(opened.raw))
        _ = try SystemError.check("listen", listen(opened.raw, configuration.backlog))
        port = SocketAddress.port(of: opened.raw)
        descriptor = opened
        reserve = Self.openReserve()
    }

    func accept() -> Accepted {
        var address = sockaddr_storage()
        for _ in 0..<Self.attempts {
            let file = unsafe shopmeter_accept(descriptor.raw, &address)
            if file >= 0 { return .connection(Newcomer(descriptor: Descriptor(owning: file), client: ClientAddress(address))) }
            switch errno {
            case EAGAIN: return .nobody
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .failed
            // EINTR, ECONNABORTED, and the network errors of the new connection (accept(2)): the next connection may be good.
            default: continue
            }
        }
        return .failed
    }

    /// Accepts one connection with the reserved file and closes it, so that its client does not wait.
    mutating func shedOne() {
        reserve = nil
        var address = sockaddr_storage()
        let file = unsafe shopmeter_accept(descriptor.raw, &address)
        if file >= 0 { _ = close(file) }
        reserve = Self.openReserve()
    }

    private static func openReserve() -> Descriptor? {
        let file = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        return file < 0 ? nil : Descriptor(owning: file)
    }
}

/// The first address that `getaddrinfo(3)` gives for a host.
struct SocketAddress {
    let family: Int32
    private let bytes: [UInt8]

    init(host: String, port: UInt16) throws(SystemError) {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let result = unsafe getaddrinfo(host, String(port), &hints, &found)
        // This function owns the list until it frees it, and copies the address before.
        guard result == 0, let first = unsafe found else { throw SystemError("getaddrinfo", EADDRNOTAVAIL) }
        defer { unsafe freeaddrinfo(first) }
        family = unsafe first.pointee.ai_family
        bytes = unsafe Array(UnsafeRawBufferPointer(start: first.pointee.ai_addr, count: Int(first.pointee.ai_addrlen)))
    }

    func bind(_ file: Int32) -> Int32 {
        // The bytes are a `sockaddr`, and an array's storage is aligned for one.
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe Glibc.bind(file, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
    }

    /// The local port of a bound socket: `sin_port` and `sin6_port` are the same two bytes.
    static func port(of file: Int32) -> UInt16 {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutablePointer(to: &storage) { storage in
            let raw = UnsafeMutableRawPointer(storage)
            _ = unsafe getsockname(file, raw.assumingMemoryBound(to: sockaddr.self), &length)
            return unsafe UInt16(bigEndian: raw.load(fromByteOffset: 2, as: UInt16.self))
        }
    }
}
