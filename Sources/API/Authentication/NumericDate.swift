import JSON
import Metering

extension Timestamp {
    /// A `NumericDate` (RFC 7519, 2): seconds since 1970, whole or with decimals, of which those behind the millisecond are dropped.
    ///
    /// Nil for what is no number, has an exponent, or is outside of 1970 to 9999, as milliseconds in place of seconds are.
    init?(numericDate value: JSON) {
        switch value {
        case .integer(let seconds): self.init(seconds: seconds, milliseconds: 0)
        case .number(let text): self.init(decimal: text)
        default: return nil
        }
    }

    /// `text`: a number in JSON that is no integer of 64 bits.
    private init?(decimal text: String) {
        let parts = text.split(separator: ".")
        guard parts.count == 2, parts[1].utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
        let thousandths = parts[1].prefix(3) + String(repeating: "0", count: max(0, 3 - parts[1].utf8.count))
        guard !text.hasPrefix("-"), let seconds = Int64(parts[0]), let milliseconds = Int64(thousandths) else { return nil }
        self.init(seconds: seconds, milliseconds: milliseconds)
    }

    private init?(seconds: Int64, milliseconds: Int64) {
        guard (0...253_402_300_799).contains(seconds) else { return nil }
        self.init(milliseconds: seconds * 1_000 + milliseconds)
    }
}
