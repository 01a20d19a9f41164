/// Reads a CSV file with a header, or lines of JSON, a piece at a time, so that memory does not grow with the file.
struct CSVReader {
    struct Row: Equatable {
        /// Among the records after the header, good and bad, counted from 1.
        let number: Int
        /// The line of its first byte in the file, counted from 1.
        let line: Int
        /// As many fields as the header has, or why they cannot be read.
        let fields: Result<[String], BadRow>
    }

    /// Bytes of the file, and the rows that end in them.
    typealias Piece = (bytes: [UInt8], rows: [Row])

    let path: String
    /// The names of the columns.
    let header: [String]
    /// Whether it is a table, and not lines of JSON.
    var isTable: Bool { if case .table = parser { true } else { false } }
    private let file: ImportBytes
    private var parser: RecordParser
    /// The number of the last row.
    private var number = 0
    /// The piece that was read together with the header.
    private var first: Piece?

    /// What makes records of bytes: a table, or lines of JSON.
    private enum RecordParser {
        case table(CSVParser)
        case lines(JSONLinesParser)

        mutating func records(of bytes: [UInt8], isAtEnd: Bool) -> [CSVParser.Record] {
            switch self {
            case .table(var parser):
                defer { self = .table(parser) }
                return isAtEnd ? parser.finish() : parser.feed(bytes)
            case .lines(var parser):
                defer { self = .lines(parser) }
                return isAtEnd ? parser.finish() : parser.feed(bytes)
            }
        }
    }

    /// Opens the file and reads its header.
    /// - Parameters:
    ///   - limit: the most bytes to read, for a second walk over a log that may have grown meanwhile.
    ///   - delimiter: what stands between fields; nil: the one of comma, semicolon, tab and bar by which the header has the wanted columns.
    ///   - wanted: the columns that are needed; with `more`, which may be there, they are all that is read of lines of JSON.
    init(_ path: String, bytes limit: Int = .max, delimiter: UInt8? = nil, wanted: [String] = [], more: [String] = []) throws {
        if try Self.isJSON(path) {
            (self.path, header, file) = (path, wanted + more, try ImportBytes(path, atMost: limit))
            parser = .lines(JSONLinesParser(names: wanted + more))
            return
        }
        let candidates = delimiter.map { [$0] } ?? Array(",;\t|".utf8)
        let found = candidates.first { candidate in
            let names = try? Self.names(path, delimiter: candidate)
            return names.map { names in wanted.allSatisfy(names.contains) } ?? false
        }
        let chosen = found ?? candidates[0]
        file = try ImportBytes(path, atMost: limit)
        self.path = path
        var parser = CSVParser(delimiter: chosen)
        let (names, bytes, rest) = try Self.begin(file, path, &parser)
        header = names
        self.parser = .table(parser)
        if !bytes.isEmpty { first = (bytes, rows(rest)) }
    }

    /// Whether the file's first character begins an object.
    private static func isJSON(_ path: String) throws -> Bool {
        let first = try ImportBytes(path, atMost: 1024).next()
        return first.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D } == UInt8(ascii: "{")
    }

    private static func names(_ path: String, delimiter: UInt8) throws -> [String] {
        var parser = CSVParser(delimiter: delimiter)
        return try begin(try ImportBytes(path, atMost: .max), path, &parser).names
    }

    /// Reads up to the header. Returns its names, the bytes read, and the records behind it.
    private static func begin(
        _ file: ImportBytes, _ path: String, _ parser: inout CSVParser
    ) throws -> (names: [String], bytes: [UInt8], rest: ArraySlice<CSVParser.Record>) {
        var (bytes, records) = ([UInt8](), [CSVParser.Record]())
        var isAtEnd = false
        while records.isEmpty, !isAtEnd {
            let piece = try file.next()
            isAtEnd = piece.isEmpty
            bytes += piece
            records = isAtEnd ? parser.finish() : parser.feed(piece)
        }
        guard let names = records.first else { throw UsageError("\(path) is empty: a header with the columns' names is needed.") }
        return (try header(names, path), bytes, records.dropFirst())
    }

    /// The next piece of the file; nil after the last.
    mutating func next() throws -> Piece? {
        if let first {
            self.first = nil
            return first
        }
        let bytes = try file.next()
        let rows = rows(parser.records(of: bytes, isAtEnd: bytes.isEmpty)[...])
        return bytes.isEmpty && rows.isEmpty ? nil : (bytes, rows)
    }

    /// The index of a column. Throws when the header does not have it.
    func index(of name: String) throws(UsageError) -> Int {
        if let index = header.firstIndex(of: name) { return index }
        throw UsageError("\(path) has no column \"\(name)\"; it has \(header.joined(separator: ", ")).")
    }

    private static func header(_ record: CSVParser.Record, _ path: String) throws(UsageError) -> [String] {
        let names: [String]
        do { names = try record.content.get() } catch { throw UsageError("The header of \(path) has \(error.rawValue).") }
        var seen: Set<String> = []
        for name in names where !name.isEmpty && !seen.insert(name).inserted {
            throw UsageError("The header of \(path) has the column \"\(name)\" twice.")
        }
        return names
    }

    private mutating func rows(_ records: ArraySlice<CSVParser.Record>) -> [Row] {
        records.map { record in
            number += 1
            return Row(number: number, line: record.line, fields: fields(record))
        }
    }

    private func fields(_ record: CSVParser.Record) -> Result<[String], BadRow> {
        switch record.content {
        case .failure(let problem): .failure(BadRow(reason: problem.rawValue))
        case .success(let fields) where fields.count != header.count:
            .failure(BadRow(reason: "\(fields.count) fields where the header has \(header.count)"))
        case .success(let fields): .success(fields)
        }
    }
}

/// Why a row cannot be imported, in words for a report.
struct BadRow: Error, Equatable {
    let reason: String
}
