import JSON
import Web

/// How an export is written as a table, whose cells hold one value each.
package struct TableOptions: Sendable {
    /// The form of times.
    package enum TimeFormat: String, CaseIterable, Sendable {
        /// `2026-11-20T23:10:00.000` in UTC, which LibreOffice reads as a time however it is set up. Of a time with a zone, or with a space and a
        /// fraction, it makes text.
        case spreadsheet
        /// `2026-11-20 23:10:00` in UTC, without milliseconds, which Excel reads as a time.
        case excel
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
    private let fields: [ExportColumn<Item>]
    /// The index of the field whose elements have rows of their own.
    private let spread: Int?
    /// Each with the index of the field that it shows.
    private let columns: [(field: Int, column: TableColumn)]

    init(_ fields: [ExportColumn<Item>], _ options: TableOptions) {
        let spread = options.nested == .json ? nil : fields.firstIndex { $0.isSpread }
        self.fields = fields
        self.spread = spread
        columns = fields.enumerated().flatMap { index, field in
            options.columns(of: field, isSpread: index == spread).map { (index, $0) }
        }
    }

    var header: [String] { columns.map(\.column.name) }

    /// The rows of an item: one, or where a field is spread one for each of its elements.
    func rows(of item: Item) -> [[CSV.Cell]] {
        var values = fields.map { $0.tableValue(item) }
        guard let spread else { return [row(of: values)] }
        let elements = Self.elements(of: values[spread])
        return (elements.isEmpty ? [.null] : elements).map { element in
            values[spread] = element
            return row(of: values)
        }
    }

    private func row(of values: [JSON]) -> [CSV.Cell] { columns.map { $0.column.cell(values[$0.field]) } }

    /// The elements of a list; those of a map with their names as `name`.
    private static func elements(of value: JSON) -> [JSON] {
        if let elements = value.array { return elements }
        return (value.object?.fields ?? []).map { field in
            .object((["name": field.name.json] as JSON.Object).followed(by: field.value.object ?? [:]))
        }
    }
}

/// A column of a table: its name, and its cell for the value of a field.
private struct TableColumn: Sendable {
    let name: String
    let cell: @Sendable (JSON) -> CSV.Cell

    init(_ name: String, _ cell: @escaping @Sendable (JSON) -> CSV.Cell) {
        self.name = name
        self.cell = cell
    }

    /// The column for the values that have its own under a name.
    func inside(_ member: String) -> TableColumn { TableColumn(name) { [cell] in cell($0[member] ?? .null) } }
}

extension TableOptions {
    fileprivate func columns<Item>(of field: ExportColumn<Item>, isSpread: Bool) -> [TableColumn] {
        if nested == .json { return [column(field.name, field.schema)] }
        if isSpread { return columns(field.name, field.rowSchema) }
        return field.isDimensions ? dimensionColumns(field.name) : columns(field.name, field.schema)
    }

    /// Lists and maps have none.
    private func columns(_ name: String, _ schema: Schema) -> [TableColumn] {
        if let members = schema.fields {
            return members.flatMap { member in columns("\(name).\(member.name)", member.schema).map { $0.inside(member.name) } }
        }
        return schema.element == nil && schema.namedValue == nil ? [column(name, schema)] : []
    }

    private func column(_ name: String, _ schema: Schema) -> TableColumn {
        if schema.isTime, times != .rfc3339 {
            return TableColumn(name) { [times] value in value.string.map { .text(times.text($0)) } ?? CSV.Cell(value) }
        }
        if nested == .json { return TableColumn(name) { CSV.Cell($0) } }
        return TableColumn(name) { $0.array != nil || $0.object != nil ? .empty : CSV.Cell($0) }
    }

    private func dimensionColumns(_ name: String) -> [TableColumn] {
        let named = dimensions.map { dimension in TableColumn("\(name).\(dimension)") { CSV.Cell($0) }.inside(dimension) }
        let others = TableColumn("other_\(name)") { [dimensions] value in
            let others = (value.object?.fields ?? []).filter { !dimensions.contains($0.name) }
            let text = others.map { "\($0.name)=\($0.value.string ?? "")" }.joined(separator: "; ")
            return text.isEmpty ? .empty : .text(text)
        }
        return named + [others]
    }
}

extension TableOptions.TimeFormat {
    /// `2026-11-20T23:10:00.000Z` in this form.
    fileprivate func text(_ time: String) -> String {
        guard time.hasSuffix("Z") else { return time }
        return switch self {
        case .spreadsheet: String(time.dropLast())
        case .excel: String(time.prefix(19)).replacing("T", with: " ")
        case .rfc3339: time
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
