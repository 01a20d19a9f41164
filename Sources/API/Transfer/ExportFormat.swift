package import JSON
import Metering
import Web

/// The formats of an export.
package enum ExportFormat: String, CaseIterable, Sendable {
    case ndjson, csv

    package var mediaType: String {
        switch self {
        case .ndjson: MediaType.ndjson
        case .csv: MediaType.csv
        }
    }
}

/// Writes the rows of an export.
enum RowWriter<Item: Sendable>: Sendable {
    case lines([ExportColumn<Item>])
    case table(TableLayout<Item>)

    /// What the export begins with: the line of a table's names.
    var header: [UInt8] {
        guard case .table(let layout) = self else { return [] }
        var bytes: [UInt8] = []
        CSV.write(layout.header.map { .text($0) }, into: &bytes)
        return bytes
    }

    /// - Returns: the number of rows.
    func write(_ item: Item, into bytes: inout [UInt8]) -> Int {
        switch self {
        case .lines(let columns):
            NDJSON.write(.object(JSON.Object(columns, key: \.name) { $0.value(item) }), into: &bytes)
            return 1
        case .table(let layout):
            let rows = layout.rows(of: item)
            for row in rows { CSV.write(row, into: &bytes) }
            return rows.count
        }
    }
}

extension CSV.Cell {
    /// A JSON value in one cell; an array or an object as JSON text. An exact decimal such as money is a number, even with a minus in front.
    init(_ value: JSON) {
        switch value {
        case .string(let text): self = Money(text) == nil ? .text(text) : .number(text)
        case .integer(let integer): self = .integer(integer)
        case .number(let text): self = .number(text)
        case .bool(let bool): self = .text(bool ? "true" : "false")
        case .null: self = .empty
        case .array, .object: self = .text(value.description)
        }
    }
}

/// JSON values, one a line.
package enum NDJSON {
    /// Appends the value and a line feed. The value's text has no line feed, as JSON escapes it.
    package static func write(_ value: JSON, into bytes: inout [UInt8]) {
        value.write(into: &bytes)
        bytes.append(0x0A)
    }
}
