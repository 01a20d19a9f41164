internal import JSON
internal import Metering
internal import Service

extension Command {
    static let audit = Command(
        path: ["audit"], summary: "Recomputes every account, wallet and bill from its log, and prints each difference.",
        options: [
            Option(name: "shop", placeholder: "SHOP", help: "the shop's id (all shops)"),
            Option(name: "repair-report", placeholder: "FILE", help: "the differences as lines of JSON, for whoever repairs them"),
        ] + Option.database,
        details: """
            It may run while the service does: each page of accounts is read as it was at one instant. Nothing is changed.
            The exit code is 1 when there are differences.
            """,
        examples: ["shopmeter audit", "shopmeter audit --shop acme --repair-report differences.ndjson"]
    ) { invocation in
        let shop = try invocation.arguments.shopIfGiven()
        let report = invocation.arguments["repair-report"]
        return try await invocation.withService(isPatient: true) { service in
            let done = try await run(service, shop, report)
            Console.print(AuditText.summary(of: done))
            return done.differences == 0 ? 0 : 1
        }
    }

    /// Audits one shop, or all when `shop` is nil. Prints each finding, and writes it to the report at `path` unless that is nil.
    private static func run(_ service: ShopMeter, _ shop: ShopID?, _ path: String?) async throws -> AuditProgress {
        let line = ProgressLine()
        defer { line.end() }
        var file = try path.map { path throws(Failure) in try OutputFile(path) }
        do {
            let done = try await service.audit(of: shop) { finding in
                line.end()
                Console.print(AuditText.line(of: finding))
                try file?.write(AuditText.json(of: finding).encoded + [UInt8(ascii: "\n")])
            } progress: {
                line.show(nil, count: $0.accounts, of: "accounts")
            }
            try file?.finish()
            return done
        } catch let error as FileOutput.WriteError {
            throw Failure("\(path ?? "the standard output") cannot be written: \(error)")
        }
    }
}

/// An audit in words: a finding as a line for people, a finding as JSON for the report, the last line.
enum AuditText {
    static func line(of finding: AuditFinding) -> String {
        let difference = finding.difference
        let subject = ([finding.shop.rawValue] + [finding.owner?.description].compactMap(\.self)).joined(separator: " ")
        return "\(subject) \(difference.field): expected \(difference.expected), is \(difference.actual)"
    }

    static func json(of finding: AuditFinding) -> JSON {
        var object: JSON.Object = ["shop_id": .string(finding.shop.rawValue)]
        switch finding.owner {
        case .user(let id): object["user_id"] = .string(id.rawValue)
        case .project(let id): object["project_id"] = .string(id.rawValue)
        case nil: break
        }
        object["field"] = .string(finding.difference.field)
        object["expected"] = .string(finding.difference.expected)
        object["actual"] = .string(finding.difference.actual)
        return .object(object)
    }

    static func summary(of done: AuditProgress) -> String {
        [
            count(done.accounts, "account"), count(Int(done.events), "event"), count(done.wallets, "wallet"),
            count(done.differences, "difference"),
        ].joined(separator: ", ")
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
