internal import Foundation
internal import Metering

/// Reads a log of usage from a CSV file, piece by piece.
struct UsageLogReader {
    struct Entry {
        let line: Int
        let row: Result<ImportRow, BadRow>
    }

    private static let pieceBytes = 64 * 1024

    private let options: ImportOptions
    private let file: FileHandle
    private var parser = CSVParser()
    private var columns: ImportColumns?
    private var number = 0
    /// Bytes still to be read: a log that grows meanwhile ends where it ended before.
    private var left: Int
    private var isFinished = false

    init(_ options: ImportOptions, bytes: Int = .max) throws(Failure) {
        guard let file = FileHandle(forReadingAtPath: options.file) else { throw Failure("\(options.file) cannot be opened.") }
        (self.options, self.file, left) = (options, file, bytes)
    }

    /// The next piece of the file and its rows; nil at the end.
    mutating func next() throws -> (bytes: [UInt8], entries: [Entry])? {
        guard !isFinished else { return nil }
        let bytes = try read()
        isFinished = bytes.isEmpty
        let entries = try entries(bytes.isEmpty ? parser.finish() : parser.feed(bytes))
        if isFinished, columns == nil { throw UsageError("\(options.file) is empty: a header with the columns' names is needed.") }
        return (bytes, entries)
    }

    private mutating func read() throws(Failure) -> [UInt8] {
        do {
            let bytes = Array(try file.read(upToCount: min(left, Self.pieceBytes)) ?? Data())
            left -= bytes.count
            return bytes
        } catch {
            throw Failure("\(options.file) cannot be read: \(Failure.words(error))")
        }
    }

    private mutating func entries(_ records: [CSVParser.Record]) throws -> [Entry] {
        var entries: [Entry] = []
        for record in records {
            guard let columns else {
                columns = try ImportColumns(header: header(record), options)
                continue
            }
            number += 1
            entries.append(Entry(line: record.line, row: Self.result { () throws(BadRow) in try columns.row(record, number: number) }))
        }
        return entries
    }

    private static func result(_ body: () throws(BadRow) -> ImportRow) -> Result<ImportRow, BadRow> {
        do { return .success(try body()) } catch { return .failure(error) }
    }

    private func header(_ record: CSVParser.Record) throws(UsageError) -> [String] {
        do {
            return try record.content.get()
        } catch {
            throw UsageError("The header of \(options.file) has \(error.rawValue).")
        }
    }
}
