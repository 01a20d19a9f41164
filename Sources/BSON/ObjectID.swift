internal import CMongoc

/// A 12-byte document id. Ids are ordered by their bytes: by the second of their creation, then by process, then by a counter.
package struct ObjectID: Sendable, Hashable {
    /// Bytes 0–7 as a big-endian number, so that comparing numbers compares bytes; `low` has bytes 8–11.
    let high: UInt64
    let low: UInt32

    init(high: UInt64, low: UInt32) {
        self.high = high
        self.low = low
    }

    /// Makes a new id (`bson_oid_init`).
    package init() {
        var made = bson_oid_t()
        unsafe bson_oid_init(&made, nil)
        self.init(made)
    }

    /// Nil unless the text is 24 hexadecimal digits.
    package init?(_ hex: String) {
        guard hex.utf8.count == 24, hex.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        var parsed = bson_oid_t()
        unsafe bson_oid_init_from_string(&parsed, hex)
        self.init(parsed)
    }

    private init(_ id: bson_oid_t) {
        self = unsafe withUnsafeBytes(of: id.bytes) { bytes in
            // Both loads are inside the 12 bytes of the tuple.
            let high = unsafe bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
            let low = unsafe bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
            return ObjectID(high: UInt64(bigEndian: high), low: UInt32(bigEndian: low))
        }
    }
}

extension ObjectID: Comparable {
    package static func < (left: ObjectID, right: ObjectID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension ObjectID: CustomStringConvertible {
    /// 24 lower-case hexadecimal digits.
    package var description: String {
        Self.hex(high, digits: 16) + Self.hex(UInt64(low), digits: 8)
    }

    private static func hex(_ number: UInt64, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: digits - text.utf8.count) + text
    }
}
