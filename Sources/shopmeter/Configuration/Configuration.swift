internal import Metering
internal import Mongo
internal import Service

/// How the service runs: from flags, else environment variables, else defaults.
struct Configuration: Sendable {
    var host = "127.0.0.1"
    var port: UInt16 = 8080
    /// Nil: an embedded mongod.
    var mongodbURI: String?
    var database = "shopmeter"
    var dataDirectory = "./data"
    /// Nil: the one in the data directory, which the first start makes.
    var adminToken: String?
    var mongod = "mongod"
    var tickSeconds = 10
    var logLevel = LogLevel.info
    var freeLimits = Settings.defaultFreeLimits
    var billingLimits: [PlanName: [Meter: Limit]] = [:]
    var enforcement = Enforcement.on
    var invoiceDueDays = Settings.defaultInvoiceDueDays

    init(_ invocation: Invocation) throws(UsageError) {
        host = try Known.host.read(invocation) ?? host
        port = try Known.port.read(invocation).map(UInt16.init) ?? port
        mongodbURI = try Known.mongodbURI.read(invocation)
        database = try Known.database.read(invocation) ?? database
        dataDirectory = try Known.dataDirectory.read(invocation) ?? dataDirectory
        adminToken = try Known.adminToken.read(invocation)
        mongod = try Known.mongod.read(invocation) ?? mongod
        tickSeconds = try Known.tickSeconds.read(invocation).map(Int.init) ?? tickSeconds
        logLevel = try Known.logLevel.read(invocation) ?? logLevel
        enforcement = try Known.enforcement.read(invocation) ?? enforcement
        invoiceDueDays = try Known.invoiceDueDays.read(invocation).map(Int.init) ?? invoiceDueDays
        billingLimits = try BillingLimits.read(invocation)
        freeLimits.merge(billingLimits[.free] ?? [:]) { $1 }
    }

    func settings(adminToken: String) -> Settings {
        Settings(
            adminToken: adminToken, freeLimits: freeLimits, billingLimits: billingLimits, enforcement: enforcement,
            invoiceDueDays: invoiceDueDays)
    }
}

/// What the settings take.
private enum Known {
    static let host = Setting("host", expected: "a name or an address") { isPrintable($0) ? $0 : nil }
    static let port = Setting.integer("port", in: 0...65_535)
    static let mongodbURI = Setting("mongodb-uri", expected: "a connection string that begins with mongodb:// or mongodb+srv://") {
        $0.hasPrefix("mongodb://") || $0.hasPrefix("mongodb+srv://") ? $0 : nil
    }
    static let database = Setting("database", expected: "1 to 63 characters of A-Z a-z 0-9 _ -") { text in
        (1...63).contains(text.utf8.count) && text.utf8.allSatisfy(isDatabaseCharacter) ? text : nil
    }
    static let dataDirectory = Setting("data-dir", expected: "a folder") { $0.utf8.contains(0) || $0.isEmpty ? nil : $0 }
    static let adminToken = Setting(
        variable: "SHOPMETER_ADMIN_TOKEN", expected: "at least 16 characters of A-Z a-z 0-9 - . _ ~ + / ="
    ) { $0.utf8.count >= 16 && $0.utf8.allSatisfy(isTokenCharacter) ? $0 : nil }
    static let mongod = Setting("mongod", expected: "a program's path or name") { $0.utf8.contains(0) || $0.isEmpty ? nil : $0 }
    static let tickSeconds = Setting.integer("tick-seconds", in: 1...3_600)
    static let invoiceDueDays = Setting.integer("invoice-due-days", in: 0...365)
    static let logLevel = Setting("log-level", expected: LogLevel.allCases.map(\.rawValue).joined(separator: ", ")) {
        LogLevel(rawValue: $0)
    }

    static let enforcement = Setting("enforcement", expected: Enforcement.allCases.map(\.rawValue).joined(separator: ", ")) {
        Enforcement(rawValue: $0)
    }

    private static func isPrintable(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } }

    private static func isDatabaseCharacter(_ byte: UInt8) -> Bool {
        IdentifierText.isValid(String(decoding: [byte], as: UTF8.self)) && !".:@".utf8.contains(byte)
    }

    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        IdentifierText.isValid(String(decoding: [byte], as: UTF8.self)) && !":@".utf8.contains(byte) || "~+/=".utf8.contains(byte)
    }
}
