import JSON
import Metering
import Web

/// How an export is written.
package enum ExportFormat: String, CaseIterable, Sendable {
    case ndjson, csv

    package var mediaType: String {
        switch self {
        case .ndjson: MediaType.ndjson
        case .csv: MediaType.csv
        }
    }

    /// What comes before the rows: a line with the columns' names, where the format has one.
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
    /// A value in one cell; what is nested is JSON text. An exact decimal, as money is, is no formula even with a minus in front.
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
