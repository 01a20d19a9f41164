internal import Metering
internal import Mongo
internal import Service

/// Every setting of `Configuration`: its name, and the values it takes.
enum KnownSettings {
    static let host = Setting("host", expected: "a name or an address") { isPrintable($0) ? $0 : nil }
    static let port = Setting.integer("port", in: 0...65_535)
    static let maxConnectionsPerAddress = Setting.integer("max-connections-per-address", in: 1...1_000_000)
    static let mongodbURI = Setting(
        variable: Setting<Never>.variable("mongodb-uri"), flag: "mongodb-uri",
        rules: [
            SecretRule("a connection string that begins with mongodb:// or mongodb+srv://") {
                $0.hasPrefix("mongodb://") || $0.hasPrefix("mongodb+srv://")
            },
            SecretRule(ConnectionString.expectation) { ConnectionString($0) != nil },
        ]
    ) { ConnectionString($0) }
    static let database = Setting("database", expected: "1 to 63 characters of A-Z a-z 0-9 _ -, and not admin, config or local") { text in
        let isTaken = ["admin", "config", "local"].contains(text.lowercased())
        return (1...63).contains(text.utf8.count) && text.utf8.allSatisfy(isDatabaseCharacter) && !isTaken ? text : nil
    }
    static let dataDirectory = Setting("data-dir", expected: "a folder") { $0.utf8.contains(0) || $0.isEmpty ? nil : $0 }
    static let adminToken = Setting(variable: Setting<Never>.variable("admin-token"), rules: SecretRule.adminToken) { Secret($0) }
    static let mongod = Setting("mongod", expected: "a program's path or name") { $0.utf8.contains(0) || $0.isEmpty ? nil : $0 }
    static let tickSeconds = Setting.integer("tick-seconds", in: 1...3_600)
    static let drainSeconds = Setting.integer("drain-seconds", in: 0...300)
    static let invoiceDueDays = Setting.integer("invoice-due-days", in: 0...365)
    static let logLevel = Setting("log-level", expected: LogLevel.allCases.map(\.rawValue).joined(separator: ", ")) {
        LogLevel(rawValue: $0)
    }

    static let enforcement = Setting("enforcement", expected: Enforcement.allCases.map(\.rawValue).joined(separator: ", ")) {
        Enforcement(rawValue: $0)
    }

    static let webhooksAllowPrivate = Setting("webhooks-allow-private", expected: "on, off") { ["on": true, "off": false][$0] }

    /// The `BILLING_LIMIT_{FREE,PREMIUM,PRO}_{API_CALLS,TOKENS}`.
    private static let billingLimits = ["free", "premium", "pro"].flatMap { plan in
        [("API_CALLS", Meter.apiCalls), ("TOKENS", Meter.tokens)].map { suffix, meter in
            (plan: PlanName(stored: plan), meter: meter, setting: billingLimit("BILLING_LIMIT_\(plan.uppercased())_\(suffix)"))
        }
    }

    /// The limits of a month's consumption, by plan and meter.
    static func billingLimits(_ invocation: Invocation) throws(UsageError) -> [PlanName: [Meter: Limit]] {
        var limits = Settings.defaultBillingLimits
        for entry in billingLimits {
            if let limit = try entry.setting.read(invocation) { limits[entry.plan, default: [:]][entry.meter] = limit }
        }
        return limits
    }

    /// Every setting there is, for whoever looks at all of them.
    static let all: [AnySetting] =
        [
            AnySetting(host), AnySetting(port), AnySetting(maxConnectionsPerAddress), AnySetting(mongodbURI), AnySetting(database),
            AnySetting(dataDirectory),
            AnySetting(adminToken),
            AnySetting(mongod), AnySetting(tickSeconds), AnySetting(drainSeconds), AnySetting(invoiceDueDays), AnySetting(logLevel),
            AnySetting(enforcement),
            AnySetting(webhooksAllowPrivate),
        ] + billingLimits.map { AnySetting($0.setting) } + rates

    private static func billingLimit(_ variable: String) -> Setting<Limit> {
        Setting(variable: variable, expected: "a whole number from 0 to \(Quantity.largest), or unlimited") { text in
            text == "unlimited" ? .unlimited : Setting<Int64>.digits(text, in: 0...Quantity.largest).map { .of($0) }
        }
    }

    private static func isPrintable(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } }

    private static func isDatabaseCharacter(_ byte: UInt8) -> Bool {
        IdentifierForm.isNameByte(byte) && !".:@".utf8.contains(byte)
    }

    static func isTokenCharacter(_ byte: UInt8) -> Bool {
        IdentifierForm.isNameByte(byte) && !":@".utf8.contains(byte) || "~+/=".utf8.contains(byte)
    }
}

/// The settings as options of commands, with the words and defaults that the help page shows.
extension Option {
    /// Where the data is: an option of every command that reads or writes it.
    static let database: [Option] = [
        Option(name: "mongodb-uri", placeholder: "URI", help: "MongoDB's connection string; without it, an embedded mongod"),
        Option(name: "database", placeholder: "NAME", help: "the database's name (shopmeter)"),
        Option(name: "data-dir", placeholder: "DIR", help: "where the embedded mongod and the tokens are kept (./data)"),
        Option(name: "mongod", placeholder: "FILE", help: "the program for the embedded mongod (mongod on the PATH)"),
        Option(name: "admin-token", placeholder: "TOKEN", help: "", isSecret: true),
    ]

    /// How `serve` serves.
    static let serving: [Option] = [
        Option(name: "host", placeholder: "HOST", help: "the address to listen on (127.0.0.1)"),
        Option(name: "port", placeholder: "PORT", help: "the port to listen on, 0 for any free one (8080)"),
        Option(
            name: "max-connections-per-address", placeholder: "N", help: "open connections of one client address (three quarters of all)"),
        Option(name: "tick-seconds", placeholder: "N", help: "how often jobs look for work, 1 to 3600 (10)"),
        Option(name: "drain-seconds", placeholder: "N", help: "how long /readyz fails before a stop begins, 0 to 300 (0)"),
        Option(name: "enforcement", placeholder: "on|off", help: "off lifts every limit, and still records (on)"),
        Option(name: "invoice-due-days", placeholder: "N", help: "from an invoice's issue to its due day, 0 to 365 (14)"),
        Option(
            name: "webhooks-allow-private", placeholder: "on|off",
            help: "on: webhooks go to private addresses and without TLS too (off)"),
        Option(name: "log-level", placeholder: "LEVEL", help: "debug, info, warning or error (info)"),
    ]

    /// The shop that a command is about.
    static let shop = Option(name: "shop", placeholder: "SHOP", help: "the shop's id", isRequired: true)
}
