internal import Glibc

/// An address with a port, as `connect(2)` takes it.
struct PeerAddress {
    let family: Int32
    let address: IPAddress
    fileprivate let bytes: [UInt8]

    func connect(_ file: Int32) -> Int32 {
        // Safe: the bytes were copied from a sockaddr of this length.
        unsafe bytes.withUnsafeBytes { raw in
            guard let base = raw.baseAddress else { return -1 }
            return unsafe Glibc.connect(file, base.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count))
        }
    }
}

enum Resolver {
    /// At most.
    private static let addresses = 8

    /// The addresses of a name, or the address itself. Blocks.
    static func addresses(of host: String, port: UInt16) throws(CallFailure) -> [PeerAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let result = unsafe getaddrinfo(host, String(port), &hints, &found)
        guard result == 0 else { throw CallFailure("the host \(host) has no address") }
        // This function owns the list until it frees it, and copies each address before.
        defer { unsafe freeaddrinfo(found) }
        var addresses: [PeerAddress] = []
        var next = unsafe found
        while let entry = unsafe next, addresses.count < Self.addresses {
            if let address = unsafe PeerAddress(entry.pointee) { addresses.append(address) }
            unsafe next = entry.pointee.ai_next
        }
        return addresses
    }

    /// Whether the text is an address, and not a name.
    static func isAddress(_ host: String) -> Bool {
        var four = in_addr()
        var six = in6_addr()
        return unsafe inet_pton(AF_INET, host, &four) == 1 || inet_pton(AF_INET6, host, &six) == 1
    }
}

extension PeerAddress {
    /// Nil for another family than IPv4 and IPv6.
    fileprivate init?(_ entry: addrinfo) {
        guard let raw = unsafe entry.ai_addr else { return nil }
        let bytes = unsafe Array(UnsafeRawBufferPointer(start: raw, count: Int(entry.ai_addrlen)))
        // sockaddr_in: family and port (4 bytes), address (4). sockaddr_in6: family, port, flow (8 bytes), address (16), scope.
        let range: Range<Int>
        switch unsafe entry.ai_family {
        case AF_INET: range = 4..<8
        case AF_INET6: range = 8..<24
        default: return nil
        }
        guard bytes.count >= range.upperBound, let address = IPAddress(Array(bytes[range])) else { return nil }
        (family, self.address, self.bytes) = (unsafe entry.ai_family, address, bytes)
    }
}
