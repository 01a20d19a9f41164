internal import CMongoc

/// An IEEE 754-2008 decimal of 34 digits, as BSON stores it. It has no arithmetic.
///
/// Two decimals are equal when their bits are equal, so `1.0` and `1.00` differ.
package struct Decimal128: Sendable, Hashable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Nil unless the text is a decimal of at most 34 digits, `NaN` or `Infinity` (`bson_decimal128_from_string`).
    package init?(_ text: String) {
        guard !text.isEmpty, !text.utf8.contains(0) else { return nil }
        var parsed = bson_decimal128_t()
        guard unsafe bson_decimal128_from_string(text, &parsed) else { return nil }
        self.init(high: parsed.high, low: parsed.low)
    }
}

extension Decimal128: CustomStringConvertible {
    /// The decimal's digits, with an exponent when it is large or small (`bson_decimal128_to_string`).
    package var description: String {
        var number = bson_decimal128_t(low: low, high: high)
        // BSON_DECIMAL128_STRING is 43 characters, the terminator included.
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
            guard let start = text.baseAddress else { return "" }
            unsafe bson_decimal128_to_string(&number, start)
            return unsafe String(cString: start)
        }
    }
}
