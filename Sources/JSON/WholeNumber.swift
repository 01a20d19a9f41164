extension JSON {
    /// The integer that a number is, however it is written: 1000 of `1000`, `1000.0` and `1e3`. Nil for a value that is no number, for a number with a
    /// fraction, and for one of more than 64 bits.
    package var wholeNumber: Int64? {
        switch self {
        case .integer(let integer): integer
        case .number(let text): Self.wholeNumber(text.utf8)
        default: nil
        }
    }

    /// `text` is a number by the grammar (RFC 8259, 6).
    private static func wholeNumber(_ text: String.UTF8View) -> Int64? {
        let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 | 0x20 == UInt8(ascii: "e") }
        let isNegative = parts[0].first == UInt8(ascii: "-")
        let decimal = parts[0].drop { $0 == UInt8(ascii: "-") }.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let fraction = decimal.count == 2 ? Array(decimal[1]) : []
        var digits = Array((Array(decimal[0]) + fraction).drop { $0 == UInt8(ascii: "0") })
        guard !digits.isEmpty else { return 0 }
        var zeros = -fraction.count
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            zeros += 1
        }
        if parts.count == 2 {
            // An exponent that is longer than an integer makes a number that is too large or has a fraction.
            guard let exponent = Int32(String(decoding: parts[1], as: UTF8.self)) else { return nil }
            zeros += Int(exponent)
        }
        guard zeros >= 0, digits.count + zeros <= maximumDigits else { return nil }
        let all = digits + Array(repeating: UInt8(ascii: "0"), count: zeros)
        return Int64((isNegative ? "-" : "") + String(decoding: all, as: UTF8.self))
    }

    /// Of an integer of 64 bits.
    private static let maximumDigits = 19
}
