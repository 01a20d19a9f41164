internal import Service

extension Command {
    static let importUsage = Command(
        path: ["import", "usage"], summary: "Records a log of usage from a CSV file, each row once, however often it is run.",
        options: [
            Option.shop, Option(name: "csv", placeholder: "FILE", help: "RFC 4180, with a header", isRequired: true),
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
        let options = try ImportOptions(invocation.arguments)
        return try await invocation.withService { service in
            let summary = try await Importer(service: service, options: options).run()
            Console.print(summary.text)
            return summary.rejected == 0 ? 0 : 1
        }
    }
}
