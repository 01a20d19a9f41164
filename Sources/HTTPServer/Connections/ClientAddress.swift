internal import Glibc

/// Whose connection it is, as every bound per client counts it: an IPv4 address, such as `192.0.2.1`, or the /64 network of an IPv6 address,
/// such as `2001:db8:0:1::/64`, since one client has all of such a network.
struct ClientAddress: Hashable, Sendable {
    /// Without a port.
    let text: String

    /// Nil for the address of another family than IPv4 and IPv6.
    init?(_ storage: sockaddr_storage) {
        var storage = storage
        let bytes = unsafe withUnsafeBytes(of: &storage) { unsafe Array($0) }
        switch Int32(storage.ss_family) {
        // `sin_addr` comes after the family and the port, `sin6_addr` after `sin6_flowinfo` too.
        case AF_INET: text = Self.text(ofV4: bytes[4..<8])
        case AF_INET6: text = Self.text(ofV6: Array(bytes[8..<24]))
        default: return nil
        }
    }

    /// A listener for both families sees an IPv4 client as `::ffff:192.0.2.1` (RFC 4291, 2.5.5.2).
    static func text(ofV6 bytes: [UInt8]) -> String {
        let isV4 = bytes.prefix(12).elementsEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF])
        return isV4 ? text(ofV4: bytes[12...]) : network(of: bytes)
    }

    private static func text(ofV4 bytes: ArraySlice<UInt8>) -> String {
        bytes.map { String($0) }.joined(separator: ".")
    }

    private static func network(of bytes: [UInt8]) -> String {
        let groups = stride(from: 0, to: 8, by: 2).map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
        return groups.joined(separator: ":") + "::/64"
    }
}
