internal import CSystem
internal import Glibc

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
        // The list is this function's until it is freed, and the address is copied before.
        guard result == 0, let first = unsafe found else { throw SystemError("getaddrinfo", EADDRNOTAVAIL) }
        defer { unsafe freeaddrinfo(first) }
        family = unsafe first.pointee.ai_family
        bytes = unsafe Array(UnsafeRawBufferPointer(start: first.pointee.ai_addr, count: Int(first.pointee.ai_addrlen)))
    }

    func bind(_ file: Int32) -> Int32 {
        // The bytes are those of a `sockaddr`; an array's storage is aligned for it.
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
