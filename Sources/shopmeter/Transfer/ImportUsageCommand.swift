internal import Metering
internal import Service

extension Command {
    static let importUsage = Command(
        path: ["import", "usage"], summary: "Records a log of usage from a file, each row once, however often it is run.",
        options: [
            Option.shop,
            Option(
                name: "csv", placeholder: "FILE", help: "CSV with a header, or lines of JSON, perhaps gzip; - is the standard input",
                isRequired: true),
            Option(name: "time-column", placeholder: "NAME", help: "the column of the time"),
            Option(name: "amount-columns", placeholder: "A,B", help: "the columns whose sum is the amount"),
            Option(name: "user-column", placeholder: "NAME", help: "the column of the user's id"),
            Option(name: "users", placeholder: "N", help: "without such a column: spread the rows over user-1 to user-N"),
            Option(name: "stretch", placeholder: "K", help: "multiplies each time's distance from the first row's, 1 to 1000000 (1)"),
            Option(name: "shift-to", placeholder: "now|TIME", help: "moves all times, so that the latest falls on this instant"),
            Option(name: "meter", placeholder: "NAME", help: "the meter that counts (tokens)"),
            Option(name: "id-column", placeholder: "NAME", help: "the column of the row's own id"),
            Option(name: "meter-column", placeholder: "NAME", help: "the column of the meter; where it is empty, --meter counts"),
            Option(name: "reference-column", placeholder: "NAME", help: "the column of the reference"),
            Option(name: "description-column", placeholder: "NAME", help: "the column of the description"),
            Option(name: "dimension-columns", placeholder: "A,B", help: "columns that are dimensions of their names"),
            Option(name: "delimiter", placeholder: "C", help: "between fields: a character, or tab (found by the header)"),
            Option(name: "decimal", placeholder: "C", help: "before the fraction of an amount: . or , (.)"),
            Option(name: "thousands", placeholder: "C", help: "between the thousands of an amount: . , ' or space"),
            Option.flag("from-export", help: "the file is an export of usage_events"),
            Option.flag("cloudevents", help: "the file is lines of CloudEvents: id, source, subject (the user), time"),
            Option.flag("history-only", help: "keeps the events for analytics, and leaves every balance alone"),
            Option.flag("dry-run", help: "records nothing, and prints what would be"),
        ] + Option.database,
        details: """
            Each row counts in the period of its own time. Periods that are over are built as they would have been: from the subscription's start, or
            as months of the free plan, with what was carried over. They are not billed, and leave no debt. Rows of times to come are refused.

            Times are \(ImportTime.expectation). Amounts are whole numbers from 0, such as 12 or 12.0. In lines of JSON a column's name may be a
            path: data.amount.

            --users N gives row r the user of the rank at which the sum of 1/1 … 1/rank, divided by that of 1/1 … 1/N, first passes
            splitmix64(r) / 2^64: user-1 has the most rows, user-k about 1/k of those, and a row has the same user in every run.

            An event's id is that of the id column; else imp-, 32 digits of the SHA-256 of what the row says, and its number among equal rows. So a
            file that grew, or was written anew, counts only what is new in it. `--shift-to now` is the instant of the first run, which the shop
            remembers with the file's first row: a run that was broken off is taken up by the same command, and one more run changes nothing.

            Bad rows are counted and the first 20 shown with their line; the others are recorded. The exit code is then 1.
            """,
        examples: [
            "shopmeter import usage --shop acme --csv usage.csv --time-column time --user-column user --amount-columns input,output",
            "shopmeter import usage --shop acme --csv trace.csv --time-column TIMESTAMP --amount-columns ContextTokens,GeneratedTokens \\\n"
                + "      --users 200 --stretch 480 --shift-to now",
        ]
    ) { invocation in
        try await InputFile.lent(in: ImportOptions(invocation.arguments), \.file) { options in
            try await invocation.withService { service in
                let importer = Importer(service: service, options: options)
                if options.isDryRun {
                    let preview = try await importer.preview()
                    Console.print(preview.text)
                    return preview.summary.rejected == 0 ? 0 : 1
                }
                let summary = try await importer.run()
                Console.print(summary.text)
                return summary.rejected == 0 ? 0 : 1
            }
        }
    }
}

/// The parsed arguments of `import usage`.
struct ImportOptions: Equatable, Sendable {
    /// Whose usage a row is.
    enum Users: Equatable, Sendable {
        /// The user whose id is in the named column.
        case column(String)
        /// One of so many made-up users (see `ZipfUsers`).
        case spread(over: Int)
    }

    let shop: ShopID
    /// The path of the CSV file.
    var file: String
    let timeColumn: String
    /// The columns whose sum is the amount.
    let amountColumns: [String]
    let users: Users
    /// Multiplies each time's distance from the first row's.
    let stretch: Int64
    /// Where the latest time is moved to.
    let shift: ShopMeter.ImportShift
    let meter: Meter
    let idColumn: String?
    /// With whose value the id is one among all senders'.
    let sourceColumn: String?
    let meterColumn: String?
    let referenceColumn: String?
    let descriptionColumn: String?
    let dimensionColumns: [String]
    /// Nil: found by the header.
    let delimiter: UInt8?
    let numbers: ImportNumbers
    /// Whether the file is an export of ours.
    let isExport: Bool
    let effect: ImportEffect
    let isDryRun: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        shop = try arguments.shop()
        file = try arguments.required("csv")
        let isExport = arguments.has(flag: "from-export")
        self.isExport = isExport
        let isCloudEvents = arguments.has(flag: "cloudevents")
        func column(_ name: String, export: String?, cloudEvents: String? = nil) -> String? {
            arguments[name] ?? (isExport ? export : isCloudEvents ? cloudEvents : nil)
        }
        func list(_ text: String?) -> [String] {
            (text ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init).filter { !$0.isEmpty }
        }
        guard let time = column("time-column", export: "occurred_at", cloudEvents: "time") else {
            throw UsageError("import usage needs --time-column NAME.", hint: "shopmeter import usage --help")
        }
        timeColumn = time
        amountColumns = list(column("amount-columns", export: "amount"))
        guard !amountColumns.isEmpty else {
            throw UsageError("import usage needs --amount-columns A,B.", hint: "shopmeter import usage --help")
        }
        let user = column("user-column", export: "user_id", cloudEvents: "subject")
        users = try Self.users(arguments, user)
        idColumn = column("id-column", export: "event_id", cloudEvents: "id")
        sourceColumn = isCloudEvents ? "source" : nil
        meterColumn = column("meter-column", export: "meter")
        referenceColumn = column("reference-column", export: "reference_id")
        descriptionColumn = column("description-column", export: "description")
        dimensionColumns = list(arguments["dimension-columns"])
        delimiter = try Self.delimiter(arguments)
        numbers = try ImportNumbers(arguments)
        effect = arguments.has(flag: "history-only") ? .historyOnly : .counts
        isDryRun = arguments.has(flag: "dry-run")
        stretch = try Setting.integer("stretch", in: 1...1_000_000).option(of: arguments) ?? 1
        shift = try Setting("shift-to", expected: "now, or an RFC 3339 time", parse: Self.shift).option(of: arguments) ?? .none
        meter = try Self.meter(arguments)
    }

    static func meter(_ arguments: Arguments) throws(UsageError) -> Meter {
        try Setting("meter", expected: IdentifierForm.name.expectation) { Meter(rawValue: $0) }.option(of: arguments) ?? .tokens
    }

    static func delimiter(_ arguments: Arguments) throws(UsageError) -> UInt8? {
        try Setting("delimiter", expected: "one ASCII character, or tab", parse: delimiter).option(of: arguments)
    }

    private static func delimiter(_ text: String) -> UInt8? {
        let bytes = Array((text == "tab" ? "\t" : text).utf8)
        return bytes.count == 1 && bytes[0] != UInt8(ascii: "\"") && bytes[0] != 0x0A && bytes[0] != 0x0D && bytes[0] < 0x80
            ? bytes[0] : nil
    }

    /// The columns that are read.
    var columns: [String] {
        var user: String?
        if case .column(let name) = users { user = name }
        let named = [timeColumn, user, idColumn, sourceColumn, meterColumn, referenceColumn, descriptionColumn].compactMap(\.self)
        return named + amountColumns + dimensionColumns
    }

    /// The reader of the file.
    func reader(bytes limit: Int = .max) throws -> CSVReader {
        try CSVReader(file, bytes: limit, delimiter: delimiter, wanted: columns, more: isExport ? ["dimensions", "other_dimensions"] : [])
    }

    private static func users(_ arguments: Arguments, _ column: String?) throws(UsageError) -> Users {
        let count = try Setting.integer("users", in: ZipfUsers.range).option(of: arguments)
        switch (count == nil ? column : arguments["user-column"], count) {
        case (let column?, nil): return .column(column)
        case (nil, let count?): return .spread(over: Int(count))
        default: throw UsageError("One of --user-column and --users is needed.", hint: "shopmeter import usage --help")
        }
    }

    private static func shift(_ text: String) -> ShopMeter.ImportShift? {
        text == "now" ? .now : Timestamp(rfc3339: text).map { .to($0) }
    }

    /// The options that decide which events a file becomes. The shop remembers them with the file, and another import of it with other options is
    /// refused.
    var text: String {
        let who =
            switch users {
            case .column(let name): "--user-column \(name)"
            case .spread(let count): "--users \(count)"
            }
        let base = "--time-column \(timeColumn) --amount-columns \(amountColumns.joined(separator: ",")) \(who) --meter \(meter)"
        let more = [
            ("id-column", idColumn), ("meter-column", meterColumn), ("reference-column", referenceColumn),
            ("description-column", descriptionColumn),
            ("dimension-columns", dimensionColumns.isEmpty ? nil : dimensionColumns.joined(separator: ",")),
            ("history-only", effect == .historyOnly ? "" : nil),
        ]
        return base + more.map { name, value in value.map { " --\(name) \($0)" } ?? "" }.joined() + " --stretch \(stretch)" + shiftText
    }

    /// Whether times are moved, so that the first import of a log decides where to.
    var movesTimes: Bool { stretch != 1 || shift != .none }

    private var shiftText: String {
        switch shift {
        case .none: ""
        case .now: " --shift-to now"
        case .to(let time): " --shift-to \(time.rfc3339)"
        }
    }
}
