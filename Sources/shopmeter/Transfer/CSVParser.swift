/// Parses comma-separated values strictly (RFC 4180), from pieces of any size. Unlike there, a line may end with LF alone, empty lines are
/// skipped, and another character than the comma may stand between fields.
///
/// A bad record does not end the parsing: it is returned as a problem, and the next record begins after its line.
struct CSVParser {
    struct Record: Equatable, Sendable {
        /// The line of its first byte, counted from 1.
        let line: Int
        let content: Result<[String], CSVProblem>
    }

    private enum State {
        case fieldStart, plain, quoted, afterQuote, afterReturn
        /// Between a problem and the end of its line.
        case skipping
    }

    /// The most bytes of a record.
    static let maximumRecord = 1 << 20

    private let delimiter: UInt8
    private var state = State.fieldStart
    private var line = 1
    private var recordLine = 1
    private var fields: [String] = []
    private var field: [UInt8] = []
    /// Bytes of the record so far.
    private var size = 0
    /// Whether all fields of the record were UTF-8 so far.
    private var isText = true
    /// Whether the field began with a quotation mark: an empty quoted field is a field, an empty line is none.
    private var isQuoted = false
    private var records: [Record] = []
    /// How many bytes of a byte order mark were seen. It counts as complete once the file's first bytes are known to be none.
    private var mark = 0

    init(delimiter: UInt8 = UInt8(ascii: ",")) { self.delimiter = delimiter }

    /// Parses the next bytes of the file, and returns the records that end in them.
    mutating func feed(_ bytes: some Sequence<UInt8>) -> [Record] {
        for byte in bytes where mark == Self.byteOrderMark.count || !isByteOrderMark(byte) { take(byte) }
        return takeRecords()
    }

    /// Ends the file, and returns the record that ends there, if there is one.
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

    /// UTF-8's, which some programs write at the beginning of a file.
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Whether a byte at the beginning of the file belongs to a byte order mark.
    private mutating func isByteOrderMark(_ byte: UInt8) -> Bool {
        if byte == Self.byteOrderMark[mark] {
            mark += 1
            return true
        }
        endByteOrderMark()
        return false
    }

    /// The file does not begin with a whole byte order mark: takes the bytes of it that were held back.
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
        case (_, delimiter): endField()
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

    /// Ends the record with a problem.
    /// - Parameter byte: the byte that is the problem. When it is a line feed, the next record begins after it, else after the next line feed.
    private mutating func fail(_ problem: CSVProblem, at byte: UInt8 = 0) {
        records.append(Record(line: recordLine, content: .failure(problem)))
        startRecord()
        state = byte == 0x0A ? .fieldStart : .skipping
    }
}

/// What is wrong with a record, in words for a report.
enum CSVProblem: String, Error {
    case strayQuote = "a quotation mark inside a field, or something after one that closes it"
    case openQuote = "a quotation mark that nothing closes"
    case bareReturn = "a carriage return without its line feed"
    case tooLong = "a record of more than 1 MiB"
    case notText = "bytes that are not UTF-8"
    case notJSON = "something else than a JSON object"
}
