internal import API
internal import Metering
internal import Service
internal import Store

extension Command {
    static let export = Command(
        path: ["export"], summary: "Writes a shop's data to a file or the standard output.",
        options: [
            Option.shop,
            Option(name: "collection", placeholder: "NAME", help: names(ExportCollection.self), isRequired: true),
            Option(name: "format", placeholder: "FORMAT", help: "ndjson (a line of JSON each), or csv (RFC 4180)", isRequired: true),
            Option(name: "out", placeholder: "FILE", help: "where to; it appears when it is whole (the standard output)"),
            Option(
                name: "time-format", placeholder: "FORMAT", help: "of a CSV's times, in UTC: spreadsheet, excel, or rfc3339 (spreadsheet)"),
            Option(name: "nested", placeholder: "FORM", help: "lists and objects in a CSV: omitted, or json (omitted)"),
            Option(name: "from", placeholder: "TIME", help: "from this RFC 3339 time on"),
            Option(name: "to", placeholder: "TIME", help: "before this RFC 3339 time"),
        ] + Option.database,
        details: "A cell of a CSV that a spreadsheet would take for a formula begins with an apostrophe.",
        examples: [
            "shopmeter export --shop acme --collection usage_events --format csv --out events.csv",
            "shopmeter export --shop acme --collection subscriptions --format ndjson | head",
        ]
    ) { invocation in
        let options = try ExportOptions(invocation.arguments)
        return try await invocation.withService { service in
            let export = try await service.export(
                options.collection, of: try await service.shop(options.shop).tenant, as: options.format, table: options.table,
                from: options.from, to: options.to)
            try await write(export, to: options.out)
            return 0
        }
    }

    /// Writes the export page by page, to the standard output when `path` is nil.
    private static func write(_ export: any Export, to path: String?) async throws {
        let progress = ProgressLine()
        defer { progress.end() }
        var export = export
        var file = try OutputFile(path)
        do {
            while let bytes = try await export.next() {
                try Task.checkCancellation()
                try file.write(bytes)
                progress.show(nil, count: export.rows, of: "rows")
            }
            try file.finish()
        } catch let error as FileOutput.WriteError {
            // The reader of the standard output, such as `head`, closed it: it has seen enough.
            guard error.isBrokenPipe, path == nil else { throw Failure("\(path ?? "the standard output") cannot be written: \(error)") }
        }
    }
}

/// A type's names, for the help page and errors.
private func names<Name: CaseIterable & RawRepresentable<String>>(_ type: Name.Type) -> String {
    Name.allCases.map(\.rawValue).joined(separator: ", ")
}

/// The parsed arguments of `export`.
private struct ExportOptions {
    let shop: ShopID
    let collection: ExportCollection
    let format: ExportFormat
    let table: TableOptions
    /// The path of the file; nil for the standard output.
    let out: String?
    /// The first instant; nil for no bound.
    let from: Timestamp?
    /// The first instant that is out; nil for no bound.
    let to: Timestamp?

    init(_ arguments: Arguments) throws(UsageError) {
        shop = try arguments.shop()
        collection = try arguments.choice("collection")
        format = try arguments.choice("format")
        table = TableOptions(
            times: try arguments.choice(ifAny: "time-format") ?? .spreadsheet, nested: try arguments.choice(ifAny: "nested") ?? .omitted)
        out = arguments["out"] == "-" ? nil : arguments["out"]
        from = try Self.time("from").option(of: arguments)
        to = try Self.time("to").option(of: arguments)
    }

    private static func time(_ flag: String) -> Setting<Timestamp> {
        Setting(flag, expected: "an RFC 3339 time, such as 2026-11-20T23:10:00Z") { Timestamp(rfc3339: $0) }
    }
}

extension Arguments {
    /// The case that the value of a required option names.
    fileprivate func choice<Name: CaseIterable & RawRepresentable<String>>(_ option: String) throws(UsageError) -> Name {
        try choice(option, try required(option))
    }

    fileprivate func choice<Name: CaseIterable & RawRepresentable<String>>(ifAny option: String) throws(UsageError) -> Name? {
        guard let text = self[option] else { return nil }
        return try choice(option, text)
    }

    private func choice<Name: CaseIterable & RawRepresentable<String>>(_ option: String, _ text: String) throws(UsageError) -> Name {
        guard let choice = Name(rawValue: text) else {
            throw UsageError("--\(option) is \"\(text)\"; expected one of \(names(Name.self)).")
        }
        return choice
    }
}
