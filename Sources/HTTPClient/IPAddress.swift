/// An IPv4 or IPv6 address.
package struct IPAddress: Equatable, Sendable, CustomStringConvertible {
    /// 4 or 16, in the order of the network.
    package let bytes: [UInt8]

    /// Nil unless there are 4 or 16 bytes.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    package var description: String {
        if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
        return stride(from: 0, to: 16, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }.joined(separator: ":")
    }

    /// Whether it is an address of the public network: none of IANA's special-purpose registries (RFC 6890), of which some are private networks,
    /// this machine, and clouds' metadata. Of IPv6, global unicast alone (2000::/3), without what carries an IPv4 address in it.
    package var isPublic: Bool {
        if bytes.count == 4 { return !Self.special4.contains { matches($0) } }
        return matches(([0x20], 3)) && !Self.special6.contains { matches($0) }
    }

    private typealias Network = (prefix: [UInt8], length: Int)

    private static let special4: [Network] = [
        ([0], 8), ([10], 8), ([100, 64], 10), ([127], 8), ([169, 254], 16), ([172, 16], 12), ([192, 0, 0], 24), ([192, 0, 2], 24),
        ([192, 31, 196], 24), ([192, 52, 193], 24), ([192, 88, 99], 24), ([192, 168], 16), ([192, 175, 48], 24), ([198, 18], 15),
        ([198, 51, 100], 24), ([203, 0, 113], 24), ([224], 4), ([240], 4),
    ]

    /// Protocol assignments (Teredo and ORCHID among them), documentation, and 6to4.
    private static let special6: [Network] = [
        ([0x20, 0x01, 0x00], 23), ([0x20, 0x01, 0x0D, 0xB8], 32), ([0x20, 0x02], 16), ([0x26, 0x20, 0x00, 0x4F, 0x80, 0x00], 48),
        ([0x3F, 0xFF, 0x00], 20),
    ]

    private func matches(_ network: Network) -> Bool {
        for bit in 0..<network.length {
            let (index, mask) = (bit / 8, UInt8(0x80) >> (bit % 8))
            let wanted = index < network.prefix.count ? network.prefix[index] : 0
            if bytes[index] & mask != wanted & mask { return false }
        }
        return true
    }
}
