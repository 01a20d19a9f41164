internal import Metering
internal import Service

extension Command {
    static let importSubscriptions = Command(
        path: ["import", "subscriptions"],
        summary: "Subscribes the users of a CSV file to plans of the shop, each once, however often it is run.",
        options: [
            Option.shop,
            Option(name: "csv", placeholder: "FILE", help: "RFC 4180, with a header; - is the standard input", isRequired: true),
            Option(name: "user-column", placeholder: "NAME", help: "the column of the user's id", isRequired: true),
            Option(name: "plan-column", placeholder: "NAME", help: "the column of the plan's name", isRequired: true),
            Option(name: "start", placeholder: "TIME", help: "when they all began: an RFC 3339 time that is not to come (now)"),
            Option(name: "start-column", placeholder: "NAME", help: "the column that says when each began"),
        ] + Option.database,
        details: """
            For a shop that moves here: its subscribers come first, then their usage (shopmeter import usage), so that it falls into the periods of
            their subscriptions. Who is subscribed already stays as they are; who has usage already cannot begin in the past.

            Bad rows are counted and the first 20 shown with their line; the others are kept. The exit code is then 1.
            """,
        examples: [
            "shopmeter import subscriptions --shop acme --csv users.csv --user-column user_id --plan-column plan --start 2026-11-01T00:00:00Z"
        ]
    ) { invocation in
        try await InputFile.lent(in: SubscriptionImportOptions(invocation.arguments), \.file) { options in
            try await invocation.withService { service in
                let summary = try await SubscriptionImporter(service: service, start: options.start).run(options)
                Console.print(summary.text)
                return summary.rejected == 0 ? 0 : 1
            }
        }
    }
}

/// The parsed arguments of `import subscriptions`.
struct SubscriptionImportOptions: Equatable, Sendable {
    let shop: ShopID
    /// The path of the CSV file.
    var file: String
    let userColumn: String
    let planColumn: String
    /// When the subscriptions begin; nil for now.
    let start: Timestamp?
    /// In its place: the column that says when each began.
    let startColumn: String?

    init(_ arguments: Arguments, now: Timestamp = SystemClock().now()) throws(UsageError) {
        shop = try arguments.shop()
        file = try arguments.required("csv")
        userColumn = try arguments.required("user-column")
        planColumn = try arguments.required("plan-column")
        startColumn = arguments["start-column"]
        start = try Setting("start", expected: "an RFC 3339 time that is not to come") { text in
            Timestamp(rfc3339: text).flatMap { $0 > now ? nil : $0 }
        }.option(of: arguments)
    }
}
