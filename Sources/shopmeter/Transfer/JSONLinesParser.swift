internal import JSON

/// Parses lines of JSON objects, from pieces of any size, into the fields of some names. A name is that of a member, or a path to one: `data.amount`.
/// Whatever a line says is text here: a number's own, an object's JSON; a member that is missing or null is empty.
struct JSONLinesParser {
    let names: [String]
    private var line = 1
    private var bytes: [UInt8] = []
    /// Whether the line is longer than may be, and is passed over to its end.
    private var isTooLong = false

    init(names: [String]) { self.names = names }

    mutating func feed(_ piece: [UInt8]) -> [CSVParser.Record] {
        var records: [CSVParser.Record] = []
        for part in piece.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            if part.offset > 0 {
                if let record = endLine() { records.append(record) }
            }
            isTooLong = isTooLong || bytes.count + part.element.count > CSVParser.maximumRecord
            if isTooLong { bytes = [] } else { bytes += part.element }
        }
        return records
    }

    mutating func finish() -> [CSVParser.Record] { endLine().map { [$0] } ?? [] }

    private mutating func endLine() -> CSVParser.Record? {
        defer { (line, bytes, isTooLong) = (line + 1, [], false) }
        if isTooLong { return CSVParser.Record(line: line, content: .failure(.tooLong)) }
        guard bytes.contains(where: { $0 > 0x20 }) else { return nil }
        guard let object = try? JSON(parsing: bytes).object else { return CSVParser.Record(line: line, content: .failure(.notJSON)) }
        return CSVParser.Record(line: line, content: .success(names.map { Self.text(at: $0, in: .object(object)) }))
    }

    private static func text(at name: String, in object: JSON) -> String {
        let value = object[name] ?? name.split(separator: ".").reduce(object) { $0?[String($1)] }
        return switch value {
        case nil, .null?: ""
        case .string(let text)?: text
        case .number(let text)?: text
        case .integer(let integer)?: String(integer)
        case let other?: other.description
        }
    }
}
