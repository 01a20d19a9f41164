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

    /// The line with the columns' names that CSV begins with; empty for a format without one.
    func header<Item>(_ columns: [ExportColumn<Item>]) -> [UInt8] {
        var bytes: [UInt8] = []
        if self == .csv { CSV.write(columns.map { .text($0.name) }, into: &bytes) }
        return bytes
    }

    func write<Item>(_ item: Item, _ columns: [ExportColumn<Item>], into bytes: inout [UInt8]) {
        switch self {
        case .ndjson: NDJSON.write(.object(JSON.Object(columns, key: \.name) { $0.value(item) }), into: &bytes)
        case .csv: CSV.write(columns.map { CSV.Cell($0.value(item)) }, into: &bytes)
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
