/// Comma-separated values (RFC 4180), made harmless for spreadsheets.
package enum CSV {
    package static let lineEnd: [UInt8] = [0x0D, 0x0A]

    package enum Cell: Sendable {
        /// Text of any origin. Text that a spreadsheet would take for a formula gets an apostrophe in front.
        case text(String)
        /// A number that this service wrote, such as `-12.50`; written as it is.
        case number(String)
        case integer(Int64)
        case empty
    }

    /// Appends a line and its line end.
    package static func write(_ cells: [Cell], into bytes: inout [UInt8]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write(cell, into: &bytes)
        }
        bytes.append(contentsOf: lineEnd)
    }

    private static func write(_ cell: Cell, into bytes: inout [UInt8]) {
        switch cell {
        case .text(let text): write(isFormula(text) ? "'" + text : text, into: &bytes)
        case .number(let text): write(text, into: &bytes)
        case .integer(let integer): bytes.append(contentsOf: String(integer).utf8)
        case .empty: break
        }
    }

    /// Whether the text begins with a character of OWASP's list of those that begin a formula in a spreadsheet, or with an apostrophe, so that the one
    /// in front can be taken away again.
    private static func isFormula(_ text: String) -> Bool {
        switch text.utf8.first {
        case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), UInt8(ascii: "'"), 0x09, 0x0D: true
        default: false
        }
    }

    private static func write(_ text: String, into bytes: inout [UInt8]) {
        guard text.utf8.contains(where: mustQuote) else {
            bytes.append(contentsOf: text.utf8)
            return
        }
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func mustQuote(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == 0x0A || byte == 0x0D
    }
}
