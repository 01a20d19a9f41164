import JSON
import Web

/// How an export is written as a table, whose cells hold one value each.
package struct TableOptions: Sendable {
    /// The form of times.
    package enum TimeFormat: String, CaseIterable, Sendable {
        /// `2026-11-20 23:10:00.000` in UTC, which spreadsheets read as a time.
        case spreadsheet
        case rfc3339
    }

    /// What becomes of values that are lists or objects with any names.
    package enum Nested: String, CaseIterable, Sendable {
        /// They are left out, but for those that have columns or rows of their own.
        case omitted
        /// Each is one cell, as JSON.
        case json
    }

    package var times: TimeFormat
    package var nested: Nested
    /// The dimensions that have columns of their own.
    var dimensions: [String] = []

    package init(times: TimeFormat = .spreadsheet, nested: Nested = .omitted) {
        self.times = times
        self.nested = nested
    }
}

/// The cells of an export's rows: a field that is an object has a column for each of its own, `breakdown.from_rollover`; of a field that is spread,
/// each element has a row; dimensions have a column for each name.
struct TableLayout<Item>: Sendable {
    private let columns: [ExportColumn<Item>]
    private let options: TableOptions

    init(_ columns: [ExportColumn<Item>], _ options: TableOptions) {
        self.columns = columns
        self.options = options
    }

    var header: [String] { columns.flatMap { names(of: $0) } }

    /// The rows of an item: one, or where a field is spread one for each of its elements.
    func rows(of item: Item) -> [[CSV.Cell]] {
        let values = columns.map { $0.tableValue(item) }
        let elements = columns.firstIndex { $0.isSpread }.map { Self.elements(of: values[$0]) } ?? []
        return (0..<max(1, isJSON ? 1 : elements.count)).map { row in
            zip(columns, values).flatMap { column, value in
                let element = elements.indices.contains(row) ? elements[row] : .null
                return column.isSpread && !isJSON ? cells(of: element, column.rowSchema) : cells(of: value, of: column)
            }
        }
    }

    private var isJSON: Bool { options.nested == .json }

    private func names(of column: ExportColumn<Item>) -> [String] {
        if column.isSpread, !isJSON { return names(column.name, column.rowSchema) }
        if column.schema.namedValue != nil, !isJSON {
            return column.isDimensions ? options.dimensions.map { "\(column.name).\($0)" } + ["other_\(column.name)"] : []
        }
        return names(column.name, column.schema)
    }

    private func names(_ name: String, _ schema: Schema) -> [String] {
        if isJSON { return [name] }
        if let fields = schema.fields { return fields.flatMap { names("\(name).\($0.name)", $0.schema) } }
        return schema.element == nil && schema.namedValue == nil ? [name] : []
    }

    private func cells(of value: JSON, of column: ExportColumn<Item>) -> [CSV.Cell] {
        guard column.schema.namedValue != nil, !isJSON else { return cells(of: value, column.schema) }
        guard column.isDimensions else { return [] }
        let others = (value.object?.fields ?? []).filter { !options.dimensions.contains($0.name) }
        let text = others.map { "\($0.name)=\($0.value.string ?? "")" }.joined(separator: "; ")
        return options.dimensions.map { value[$0].map(CSV.Cell.init) ?? .empty } + [text.isEmpty ? .empty : .text(text)]
    }

    private func cells(of value: JSON, _ schema: Schema) -> [CSV.Cell] {
        if !isJSON {
            if let fields = schema.fields { return fields.flatMap { cells(of: value[$0.name] ?? .null, $0.schema) } }
            if schema.element != nil || schema.namedValue != nil { return [] }
        }
        if schema.isTime, options.times == .spreadsheet, let text = value.string { return [.text(Self.spreadsheet(text))] }
        let isNested = value.array != nil || value.object != nil
        return [isNested && !isJSON ? .empty : CSV.Cell(value)]
    }

    /// `2026-11-20T23:10:00.000Z` as a spreadsheet reads it.
    private static func spreadsheet(_ time: String) -> String {
        time.hasSuffix("Z") ? String(time.dropLast()).replacing("T", with: " ") : time
    }

    /// The elements of a list; those of a map with their names as `name`.
    private static func elements(of value: JSON) -> [JSON] {
        if let elements = value.array { return elements }
        return (value.object?.fields ?? []).map { field in
            .object((["name": field.name.json] as JSON.Object).followed(by: field.value.object ?? [:]))
        }
    }
}

extension ExportColumn {
    /// The schema of an element that has a row of its own.
    fileprivate var rowSchema: Schema {
        guard let values = schema.namedValue else { return schema.element ?? schema }
        return .answer([.required("name", .string(1...256))] + (values.fields ?? []))
    }
}
