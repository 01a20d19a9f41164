/// A network of IPv4 or IPv6 in CIDR (RFC 4632, 3.1): `192.0.2.0/24`, `2001:db8::/48`, or one IPv4 address.
///
/// IPv6 counts by networks of /64 and larger, since one client has all of such a network.
package struct AddressRange: Equatable, Sendable {
    /// 4 or 16, in the order of the network; 0 after the first `length` bits.
    private let bytes: [UInt8]
    private let length: Int

    package init?(_ text: String) {
        guard text.utf8.count <= 64 else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = Self.v4(parts[0]) ?? Self.v6(parts[0]) else { return nil }
        let (isV4, isAlone) = (address.count == 4, parts.count == 1)
        guard isV4 || !isAlone, let length = isAlone ? 32 : Self.number(parts[1], atMost: isV4 ? 32 : 64) else { return nil }
        // Bits after the length are of one machine, and would be ignored: whoever wrote them meant another network.
        guard Self.masked(address, length) == address else { return nil }
        bytes = address
        self.length = length
    }

    /// Whether all of the other network is in this one.
    package func contains(_ other: AddressRange) -> Bool {
        bytes.count == other.bytes.count && length <= other.length && Self.masked(other.bytes, length) == bytes
    }

    /// Eight groups without `::`, or four numbers; with the length.
    package var text: String {
        if bytes.count == 4 { return "\(bytes.map(String.init).joined(separator: "."))/\(length)" }
        let groups = stride(from: 0, to: 8, by: 2).map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
        return "\(groups.joined(separator: ":"))::/\(length)"
    }

    private static func masked(_ bytes: [UInt8], _ length: Int) -> [UInt8] {
        bytes.enumerated().map { index, byte in byte & UInt8(truncatingIfNeeded: 0xFF00 >> max(0, min(8, length - index * 8))) }
    }

    /// A decimal number without a sign or leading zeros.
    private static func number(_ text: Substring, atMost largest: Int) -> Int? {
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        guard text == "0" || !text.hasPrefix("0"), let number = Int(text), number <= largest else { return nil }
        return number
    }

    private static func v4(_ text: Substring) -> [UInt8]? {
        let bytes = text.split(separator: ".", omittingEmptySubsequences: false).map { number($0, atMost: 255).map(UInt8.init) }
        return bytes.count == 4 && !bytes.contains(nil) ? bytes.compactMap(\.self) : nil
    }

    /// RFC 4291, 2.2, forms 1 and 2.
    private static func v6(_ text: Substring) -> [UInt8]? {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2, let first = groups(halves[0]) else { return nil }
        guard halves.count == 2 else { return first.count == 16 ? first : nil }
        guard let last = groups(halves[1]), first.count + last.count <= 14 else { return nil }
        return first + Array(repeating: 0, count: 16 - first.count - last.count) + last
    }

    private static func groups(_ text: Substring) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        for group in text.split(separator: ":", omittingEmptySubsequences: false) {
            guard (1...4).contains(group.utf8.count), group.first != "+", let value = UInt16(group, radix: 16) else { return nil }
            bytes += [UInt8(value >> 8), UInt8(value & 0xFF)]
        }
        return bytes
    }
}
