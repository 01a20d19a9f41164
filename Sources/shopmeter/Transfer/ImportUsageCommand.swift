internal import Metering
internal import Service

extension Command {
    static let importUsage = Command(
        path: ["import", "usage"], summary: "Records a log of usage from a CSV file, each row once, however often it is run.",
        options: [
            Option.shop,
            Option(name: "csv", placeholder: "FILE", help: "RFC 4180, with a header; - is the standard input", isRequired: true),
            Option(name: "time-column", placeholder: "NAME", help: "the column of the time", isRequired: true),
            Option(name: "amount-columns", placeholder: "A,B", help: "the columns whose sum is the amount", isRequired: true),
            Option(name: "user-column", placeholder: "NAME", help: "the column of the user's id"),
            Option(name: "users", placeholder: "N", help: "without such a column: spread the rows over user-1 to user-N"),
            Option(name: "stretch", placeholder: "K", help: "multiplies each time's distance from the first row's, 1 to 1000000 (1)"),
            Option(name: "shift-to", placeholder: "now|TIME", help: "moves all times, so that the latest falls on this instant"),
            Option(name: "meter", placeholder: "NAME", help: "the meter that counts (tokens)"),
        ] + Option.database,
        details: """
            Times are \(ImportTime.expectation). Amounts are whole numbers from 0.

            --users N gives row r the user of the rank at which the sum of 1/1 … 1/rank, divided by that of 1/1 … 1/N, first passes
            splitmix64(r) / 2^64: user-1 has the most rows, user-k about 1/k of those, and a row has the same user in every run.

            An event's id is imp-, 16 digits of the file's SHA-256, and the row's number. `--shift-to now` is the instant of the first run, which
            the shop remembers with the file: a run that was broken off is taken up by the same command, and one more run changes nothing.
            An account that a row opens has a first period that covers the file (at most 366 days).

            Bad rows are counted and the first 20 shown with their line; the others are recorded. The exit code is then 1.
            """,
        examples: [
            "shopmeter import usage --shop acme --csv usage.csv --time-column time --user-column user --amount-columns input,output",
            "shopmeter import usage --shop acme --csv trace.csv --time-column TIMESTAMP --amount-columns ContextTokens,GeneratedTokens \\\n"
                + "      --users 200 --stretch 480 --shift-to now",
        ]
    ) { invocation in
        var given = try ImportOptions(invocation.arguments)
        let input = try InputFile(given.file)
        given.file = input.path
        let options = given
        return try await invocation.withService { service in
            let summary = try await Importer(service: service, options: options).run()
            Console.print(summary.text)
            return withExtendedLifetime(input) { summary.rejected == 0 ? 0 : 1 }
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

    init(_ arguments: Arguments) throws(UsageError) {
        shop = try arguments.shop()
        file = try arguments.required("csv")
        timeColumn = try arguments.required("time-column")
        amountColumns = try arguments.required("amount-columns").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        users = try Self.users(arguments)
        stretch = try Setting.integer("stretch", in: 1...1_000_000).option(of: arguments) ?? 1
        shift = try Setting("shift-to", expected: "now, or an RFC 3339 time", parse: Self.shift).option(of: arguments) ?? .none
        meter = try Setting("meter", expected: IdentifierForm.name.expectation) { Meter(rawValue: $0) }.option(of: arguments) ?? .tokens
    }

    private static func users(_ arguments: Arguments) throws(UsageError) -> Users {
        let count = try Setting.integer("users", in: ZipfUsers.range).option(of: arguments)
        switch (arguments["user-column"], count) {
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
        return base + " --stretch \(stretch)" + shiftText
    }

    private var shiftText: String {
        switch shift {
        case .none: ""
        case .now: " --shift-to now"
        case .to(let time): " --shift-to \(time.rfc3339)"
        }
    }
}
