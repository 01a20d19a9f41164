/// Comma-separated values, read strictly (RFC 4180), in pieces of any size. A line may end with LF alone; empty lines are passed over.
///
/// A bad record does not end the reading: it is given as a problem, and the next line is a record again.
struct CSVParser {
    struct Record: Equatable, Sendable {
        /// Of its first byte, counted from 1.
        let line: Int
        let content: Result<[String], CSVProblem>
    }

    private enum State {
        case fieldStart, plain, quoted, afterQuote, afterReturn
        /// After a problem, until the line ends.
        case skipping
    }

    /// Bytes of a record.
    static let maximumRecord = 1 << 20

    private var state = State.fieldStart
    private var line = 1
    private var recordLine = 1
    private var fields: [String] = []
    private var field: [UInt8] = []
    private var size = 0
    private var isText = true
    private var isQuoted = false
    private var records: [Record] = []
    /// How much of a byte order mark was seen; all of it once there can be none any more.
    private var mark = 0

    /// The records that end in these bytes.
    mutating func feed(_ bytes: some Sequence<UInt8>) -> [Record] {
        for byte in bytes where mark == Self.byteOrderMark.count || !isByteOrderMark(byte) { take(byte) }
        return takeRecords()
    }

    /// The record that the end of the file ends, if there is one.
    mutating func finish() -> [Record] {
        if mark < Self.byteOrderMark.count { endByteOrderMark() }
        switch state {
        case .quoted: fail(.openQuote)
        case .afterReturn: fail(.bareReturn)
        case .skipping: break
        case .fieldStart where isEmptyLine: break
        default: endRecord()
        }
        return takeRecords()
    }

    private mutating func takeRecords() -> [Record] {
        defer { records = [] }
        return records
    }

    /// Some programs write it first.
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private mutating func isByteOrderMark(_ byte: UInt8) -> Bool {
        if byte == Self.byteOrderMark[mark] {
            mark += 1
            return true
        }
        endByteOrderMark()
        return false
    }

    /// What began like it was none.
    private mutating func endByteOrderMark() {
        for seen in Self.byteOrderMark[..<mark] { take(seen) }
        mark = Self.byteOrderMark.count
    }

    private var isEmptyLine: Bool { fields.isEmpty && field.isEmpty && !isQuoted }

    private mutating func take(_ byte: UInt8) {
        defer { if byte == 0x0A { line += 1 } }
        if state == .skipping {
            if byte == 0x0A { startRecord() }
            return
        }
        size += 1
        guard size <= Self.maximumRecord else { return fail(.tooLong, at: byte) }
        switch (state, byte) {
        case (.quoted, UInt8(ascii: "\"")): state = .afterQuote
        case (.quoted, _): field.append(byte)
        case (.afterReturn, 0x0A): endLine()
        case (.afterReturn, _): fail(.bareReturn, at: byte)
        case (_, UInt8(ascii: ",")): endField()
        case (_, 0x0A): endLine()
        case (_, 0x0D): state = .afterReturn
        default: takeInside(byte)
        }
    }

    private mutating func takeInside(_ byte: UInt8) {
        switch (state, byte) {
        case (.fieldStart, UInt8(ascii: "\"")): (state, isQuoted) = (.quoted, true)
        case (.afterQuote, UInt8(ascii: "\"")):
            field.append(byte)
            state = .quoted
        case (.afterQuote, _), (_, UInt8(ascii: "\"")): fail(.strayQuote, at: byte)
        default:
            field.append(byte)
            state = .plain
        }
    }

    private mutating func endField() {
        if let text = String(validating: field, as: UTF8.self) { fields.append(text) } else { isText = false }
        field.removeAll(keepingCapacity: true)
        state = .fieldStart
    }

    private mutating func endLine() {
        isEmptyLine ? startRecord() : endRecord()
    }

    private mutating func endRecord() {
        endField()
        records.append(Record(line: recordLine, content: isText ? .success(fields) : .failure(.notText)))
        startRecord()
    }

    private mutating func startRecord() {
        (state, fields, size, isText, isQuoted) = (.fieldStart, [], 0, true, false)
        field.removeAll(keepingCapacity: true)
        recordLine = line + 1
    }

    /// `byte`: the one that was refused; when it is a line feed, the next record starts after it.
    private mutating func fail(_ problem: CSVProblem, at byte: UInt8 = 0) {
        records.append(Record(line: recordLine, content: .failure(problem)))
        startRecord()
        state = byte == 0x0A ? .fieldStart : .skipping
    }
}

/// Why a record is none, in words for a report.
enum CSVProblem: String, Error {
    case strayQuote = "a quotation mark inside a field, or something after one that closes it"
    case openQuote = "a quotation mark that nothing closes"
    case bareReturn = "a carriage return without its line feed"
    case tooLong = "a record of more than 1 MiB"
    case notText = "bytes that are not UTF-8"
}
