internal import Metering
internal import Service

extension Command {
    static let importBalances = Command(
        path: ["import", "balances"],
        summary: "Opens users' balances with what they bring from elsewhere, each once, however often it is run.",
        options: [
            Option.shop,
            Option(
                name: "csv", placeholder: "FILE", help: "CSV with a header, or lines of JSON, perhaps gzip; - is the standard input",
                isRequired: true),
        ] + BalanceColumn.allCases.map(\.option) + [
            Option(name: "meter", placeholder: "NAME", help: "the meter of rows that name none (tokens)"),
            Option(name: "delimiter", placeholder: "C", help: "between fields: a character, or tab (found by the header)"),
            Option(name: "decimal", placeholder: "C", help: "before the fraction of an amount: . or , (.)"),
            Option(name: "thousands", placeholder: "C", help: "between the thousands of an amount: . , ' or space"),
            Option.flag("dry-run", help: "stores nothing, and prints what would be"),
        ] + Option.database,
        details: """
            What a row says is added to what the user has: to what was carried over (below 0 it is debt) and to what was purchased of the meter, to the
            credit that is taken off the next invoices, and to the wallet, of the project where the row names one, whose creator the user then is. A
            wallet that is not there is opened with the amount in place of the shop's first credit. An empty cell says nothing.

            Import subscriptions first, then usage, then balances: the periods of imported usage carry over by themselves, so a rollover is for users
            whose past does not come along, or comes with --history-only.

            Each kind is opened once for the user and meter, the user, or the project: the same file again changes nothing, and another amount is
            refused. A row is stored whole or not at all; bad rows are counted and the first 20 shown with their line. The exit code is then 1.
            """,
        examples: [
            "shopmeter import balances --shop acme --csv balances.csv --dry-run",
            "shopmeter import balances --shop acme --csv old.csv --user-column customer --purchased-column tokens_left",
        ]
    ) { invocation in
        try await InputFile.lent(in: BalanceImportOptions(invocation.arguments), \.file) { options in
            try await invocation.withService { service in
                let summary = try await BalanceImporter(service: service, options: options).run()
                Console.print(summary.text(isDryRun: options.isDryRun))
                return summary.rows.rejected == 0 ? 0 : 1
            }
        }
    }
}

/// A column of a file of balances. Each has a name of its own, if an option gives it no other.
enum BalanceColumn: String, CaseIterable, Sendable {
    case user = "user_id"
    case meter, rollover, purchased, credit, wallet
    case project = "project_id"

    static let amounts: [BalanceColumn] = [.rollover, .purchased, .credit, .wallet]

    private var word: String { rawValue.hasSuffix("_id") ? String(rawValue.dropLast(3)) : rawValue }
    var optionName: String { "\(word)-column" }

    fileprivate var option: Option {
        let what =
            switch self {
            case .user: "the user's id"
            case .meter: "the meter of rollover and purchased"
            case .rollover: "what was carried over"
            case .purchased: "what was bought and is left"
            case .credit: "money for the next invoices"
            case .wallet: "the wallet's money"
            case .project: "the project whose wallet it is"
            }
        return Option(name: optionName, placeholder: "NAME", help: "the column of \(what) (\(rawValue))")
    }
}

/// The parsed arguments of `import balances`.
struct BalanceImportOptions: Equatable, Sendable {
    let shop: ShopID
    /// The path of the file.
    var file: String
    /// The names that were given.
    let columns: [BalanceColumn: String]
    let meter: Meter
    /// Nil: found by the header.
    let delimiter: UInt8?
    let numbers: ImportNumbers
    let isDryRun: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        shop = try arguments.shop()
        file = try arguments.required("csv")
        let named = BalanceColumn.allCases.compactMap { column in arguments[column.optionName].map { (column, $0) } }
        columns = Dictionary(named, uniquingKeysWith: { $1 })
        meter = try ImportOptions.meter(arguments)
        delimiter = try ImportOptions.delimiter(arguments)
        numbers = try ImportNumbers(arguments)
        isDryRun = arguments.has(flag: "dry-run")
    }

    func name(of column: BalanceColumn) -> String { columns[column] ?? column.rawValue }

    /// The columns that must be there: the user's, and those that were named.
    var wanted: [String] { BalanceColumn.allCases.filter { $0 == .user || columns[$0] != nil }.map(name) }
    /// Those that may be there.
    var others: [String] { BalanceColumn.allCases.filter { $0 != .user && columns[$0] == nil }.map(name) }
}
