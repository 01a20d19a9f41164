internal import Crypto
internal import JSON
internal import Metering

/// A good row of a log, in values.
struct ImportRow: Equatable, Sendable {
    /// Among the records after the header, counted from 1.
    let number: Int
    /// The line of its first byte in the file, counted from 1.
    let line: Int
    let time: Timestamp
    let user: UserID
    let amount: Quantity
    /// The row's own id, where the file has a column of ids.
    var id: EventID?
    var meter: Meter?
    var reference: String?
    var description: String?
    var dimensions: [String: String] = [:]

    /// A digest of what the row says, whatever it is written like: equal rows of any file have the same.
    func digest(_ meter: Meter) throws -> [UInt8] {
        let parts =
            [String(time.milliseconds), user.rawValue, (self.meter ?? meter).rawValue, String(amount), reference ?? "", description ?? ""]
            + dimensions.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
        return try SHA256.hash(Array(parts.map { "\($0.utf8.count):\($0)" }.joined().utf8))
    }
}

/// The columns of a file that an import reads, found by their names in the header.
struct ImportColumns {
    private let time: Int
    private let amounts: [Int]
    private let user: Int?
    private let zipf: ZipfUsers?
    private let id: Int?
    private let source: Int?
    private let meter: Int?
    private let reference: Int?
    private let description: Int?
    private let dimensions: [(name: String, index: Int)]
    /// The column of all dimensions as a JSON object.
    private let dimensionObject: Int?
    /// The column of those dimensions of a table that have no column.
    private let otherDimensions: Int?
    private let format: ImportNumbers
    /// Whether an apostrophe stands before text that a spreadsheet would take for a formula.
    private let hasApostrophes: Bool

    init(of reader: CSVReader, _ options: ImportOptions) throws(UsageError) {
        func index(_ name: String?) throws(UsageError) -> Int? {
            guard let name else { return nil }
            return try reader.index(of: name)
        }
        time = try reader.index(of: options.timeColumn)
        amounts = try options.amountColumns.map { name throws(UsageError) in try reader.index(of: name) }
        switch options.users {
        case .column(let name): (user, zipf) = (try reader.index(of: name), nil)
        case .spread(let count): (user, zipf) = (nil, ZipfUsers(count: count))
        }
        (id, source, meter) = (try index(options.idColumn), try index(options.sourceColumn), try index(options.meterColumn))
        (reference, description) = (try index(options.referenceColumn), try index(options.descriptionColumn))
        let named = try options.dimensionColumns.map { name throws(UsageError) in (name: name, index: try reader.index(of: name)) }
        let prefix = "dimensions."
        let exported = options.isExport ? reader.header.indices.filter { reader.header[$0].hasPrefix(prefix) } : []
        dimensions = named + exported.map { (name: String(reader.header[$0].dropFirst(prefix.count)), index: $0) }
        dimensionObject = options.isExport ? reader.header.firstIndex(of: "dimensions") : nil
        otherDimensions = options.isExport ? reader.header.firstIndex(of: "other_dimensions") : nil
        (format, hasApostrophes) = (options.numbers, options.isExport && reader.isTable)
    }

    /// Parses a row. Throws the reason when it cannot be recorded.
    func row(_ row: CSVReader.Row) throws(BadRow) -> ImportRow {
        let fields = try row.fields.get().map { hasApostrophes && $0.hasPrefix("'") ? String($0.dropFirst()) : $0 }
        guard let time = ImportTime.parse(fields[time]) else { throw BadRow(reason: "a time that is not \(ImportTime.expectation)") }
        var made = ImportRow(
            number: row.number, line: row.line, time: time, user: try user(fields, row: row.number), amount: try amount(fields))
        made.id = try value(id, fields, "an event's id") { EventID(rawValue: (source.map { fields[$0] + " " } ?? "") + $0) }
        made.meter = try value(meter, fields, "a meter's name", Meter.init(rawValue:))
        made.reference = try value(reference, fields, "a reference", { IdentifierForm.clientID.accepts($0) ? $0 : nil })
        made.description = try value(
            description, fields, "a description", { $0.unicodeScalars.count <= 1_000 && !$0.utf8.contains(0) ? $0 : nil })
        made.dimensions = try dimensions(fields)
        return made
    }

    /// Nil where there is no such column, or it is empty.
    private func value<Value>(_ index: Int?, _ fields: [String], _ name: String, _ read: (String) -> Value?) throws(BadRow) -> Value? {
        guard let index, !fields[index].isEmpty else { return nil }
        guard let value = read(fields[index]) else { throw BadRow(reason: "\(name) that cannot be one") }
        return value
    }

    private func user(_ fields: [String], row: Int) throws(BadRow) -> UserID {
        if let zipf { return zipf.user(ofRow: row) }
        guard let user, let id = UserID(rawValue: fields[user]) else {
            throw BadRow(reason: "a user id that is not \(UserID.form.expectation)")
        }
        return id
    }

    /// The sum of the amount columns. An empty one counts nothing beside another that says something.
    private func amount(_ fields: [String]) throws(BadRow) -> Quantity {
        var sum: Quantity = 0
        var isSaid = false
        for index in amounts where !fields[index].isEmpty {
            guard let part = format.whole(fields[index]), (0...Quantity.largest).contains(part) else {
                throw BadRow(reason: "an amount that is not a whole number from 0 to \(Quantity.largest)")
            }
            isSaid = true
            sum += part
            guard sum <= Quantity.largest else { throw BadRow(reason: "a sum of amounts over \(Quantity.largest)") }
        }
        guard isSaid else { throw BadRow(reason: "no amount") }
        return sum
    }

    private static let maximumDimensions = 20

    private func dimensions(_ fields: [String]) throws(BadRow) -> [String: String] {
        var found: [String: String] = [:]
        if let otherDimensions, !fields[otherDimensions].isEmpty {
            throw BadRow(reason: "dimensions without columns, which an export as ndjson or with --nested json has whole")
        }
        for (name, index) in dimensions where !fields[index].isEmpty { found[name] = fields[index] }
        if let dimensionObject, let object = try? JSON(parsing: Array(fields[dimensionObject].utf8)).object {
            for field in object.fields { found[field.name] = field.value.string }
        }
        let isGood =
            found.count <= Self.maximumDimensions
            && found.allSatisfy {
                IdentifierForm.name.accepts($0.key) && (1...256).contains($0.value.unicodeScalars.count) && !$0.value.utf8.contains(0)
            }
        guard isGood else { throw BadRow(reason: "dimensions that are not at most 20 names with texts of 1 to 256 characters") }
        return found
    }
}

/// How a file writes numbers.
struct ImportNumbers: Equatable, Sendable {
    /// Between the whole part and the fraction: a point or a comma.
    var decimal = UInt8(ascii: ".")
    /// Between thousands; nil: nothing stands there.
    var thousands: UInt8?

    /// A whole number that may be below 0.
    func signedWhole(_ text: String) -> Int64? {
        text.hasPrefix("-") ? whole(String(text.dropFirst())).map { -$0 } : whole(text)
    }

    /// An exact amount that is not below 0: `12`, `12.50`.
    func money(_ text: String) -> Money? {
        let parts = text.utf8.split(separator: decimal, maxSplits: 1, omittingEmptySubsequences: false)
        guard let digits = grouped(parts[0]), !digits.hasPrefix("-") else { return nil }
        return Money(parts.count == 1 ? digits : "\(digits).\(Substring(parts[1]))")
    }

    /// A whole number: `1234`, `12.0`, with a thousands separator `1,234`. Nil for any other text.
    func whole(_ text: String) -> Int64? {
        let parts = text.utf8.split(separator: decimal, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 1 || !parts[1].isEmpty && parts[1].allSatisfy({ $0 == UInt8(ascii: "0") }) else { return nil }
        guard let digits = grouped(parts[0]) else { return nil }
        return Setting<Int64>.digits(digits, in: 0 ... .max)
    }

    /// The digits without separators, which must stand before every three digits.
    private func grouped(_ bytes: Substring.UTF8View.SubSequence) -> String? {
        guard let thousands, bytes.contains(thousands) else { return String(Substring(bytes)) }
        let groups = bytes.split(separator: thousands, omittingEmptySubsequences: false)
        guard groups.dropFirst().allSatisfy({ $0.count == 3 }), (1...3).contains(groups[0].count) else { return nil }
        return groups.map { String(Substring($0)) }.joined()
    }
}

extension ImportNumbers {
    init(_ arguments: Arguments) throws(UsageError) {
        func character(_ name: String, of allowed: String) throws(UsageError) -> UInt8? {
            try Setting(name, expected: "one of \(allowed)") { text in
                let byte = text == "space" ? UInt8(ascii: " ") : text.utf8.first
                return text.utf8.count == 1 && allowed.utf8.contains(byte ?? 0) || text == "space" ? byte : nil
            }.option(of: arguments)
        }
        let decimal = try character("decimal", of: ".,") ?? UInt8(ascii: ".")
        let thousands = try character("thousands", of: ".,' ")
        guard thousands != decimal else { throw UsageError("--thousands and --decimal are the same.") }
        self.init(decimal: decimal, thousands: thousands)
    }
}
