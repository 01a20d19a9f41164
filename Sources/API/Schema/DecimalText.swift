/// Decimal text as this service takes it: digits without a sign but `-`, without leading zeros, without an exponent.
enum DecimalText {
    static let maximumWholeDigits = 15
    static let maximumFractionDigits = 10

    /// An integer that has one text only: `0`, `-7`, `42`; nil for `+1`, `01`, `-0`, `1.0` and what has more than 64 bits.
    static func integer(_ text: some StringProtocol) -> Int64? {
        guard let integer = Int64(text), String(integer) == text else { return nil }
        return integer
    }

    /// An amount that is not negative.
    static func isAmount(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard isWhole(parts[0], maximumDigits: maximumWholeDigits) else { return false }
        return parts.count == 1 || (1...maximumFractionDigits).contains(parts[1].count) && parts[1].allSatisfy(isDigit)
    }

    /// A decimal of either sign that `Money` may answer.
    static func isDecimal(_ text: String) -> Bool {
        let magnitude = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let parts = magnitude.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard isWhole(parts[0], maximumDigits: 28) else { return false }
        return parts.count == 1 || (1...maximumFractionDigits).contains(parts[1].count) && parts[1].allSatisfy(isDigit)
    }

    private static func isWhole(_ digits: Substring.UTF8View, maximumDigits: Int) -> Bool {
        guard (1...maximumDigits).contains(digits.count), digits.allSatisfy(isDigit) else { return false }
        return digits.count == 1 || digits.first != UInt8(ascii: "0")
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
