internal import Foundation
internal import Glibc
internal import MongoServer

/// Reads a CSV file with a header, a piece at a time, so that memory does not grow with the file.
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

    private static let pieceBytes = 64 * 1024

    let path: String
    /// The names of the columns.
    let header: [String]
    private let file: FileHandle
    private var parser = CSVParser()
    /// The number of the last row.
    private var number = 0
    /// The piece that was read together with the header.
    private var first: Piece?
    /// How many more bytes are read at most.
    private var left: Int

    /// Opens the file and reads its header.
    /// - Parameter limit: the most bytes to read, for a second walk over a log that may have grown meanwhile.
    init(_ path: String, bytes limit: Int = .max) throws {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw Failure("\(path) cannot be opened: \(systemMessage(errno)).")
        }
        (self.path, self.file, left) = (path, file, limit)
        var (bytes, records) = ([UInt8](), [CSVParser.Record]())
        var isAtEnd = false
        while records.isEmpty, !isAtEnd {
            let piece = try Self.read(file, path, atMost: &left)
            isAtEnd = piece.isEmpty
            bytes += piece
            records = isAtEnd ? parser.finish() : parser.feed(piece)
        }
        guard let names = records.first else { throw UsageError("\(path) is empty: a header with the columns' names is needed.") }
        header = try Self.header(names, path)
        if !bytes.isEmpty { first = (bytes, rows(records.dropFirst())) }
    }

    /// The next piece of the file; nil after the last.
    mutating func next() throws -> Piece? {
        if let first {
            self.first = nil
            return first
        }
        let bytes = try Self.read(file, path, atMost: &left)
        let rows = rows((bytes.isEmpty ? parser.finish() : parser.feed(bytes))[...])
        return bytes.isEmpty && rows.isEmpty ? nil : (bytes, rows)
    }

    /// The index of a column. Throws when the header does not have it.
    func index(of name: String) throws(UsageError) -> Int {
        if let index = header.firstIndex(of: name) { return index }
        throw UsageError("\(path) has no column \"\(name)\"; it has \(header.joined(separator: ", ")).")
    }

    private static func read(_ file: FileHandle, _ path: String, atMost left: inout Int) throws(Failure) -> [UInt8] {
        do {
            let bytes = Array(try file.read(upToCount: min(left, pieceBytes)) ?? Data())
            left -= bytes.count
            return bytes
        } catch {
            throw Failure("\(path) cannot be read: \(Failure.words(error))")
        }
    }

    private static func header(_ record: CSVParser.Record, _ path: String) throws(UsageError) -> [String] {
        do {
            return try record.content.get()
        } catch {
            throw UsageError("The header of \(path) has \(error.rawValue).")
        }
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
