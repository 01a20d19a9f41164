internal import Metering
internal import Mongo
internal import Service

/// How the service runs: each value from its flag, else its environment variable, else the default here.
struct Configuration: Sendable {
    var host = "127.0.0.1"
    /// 0 takes any free port.
    var port: UInt16 = 8080
    /// Open connections of one client's address; nil for three quarters of all.
    var maxConnectionsPerAddress: Int?
    /// Nil for an embedded mongod.
    var mongodbURI: ConnectionString?
    var database = "shopmeter"
    var dataDirectory = "./data"
    /// Nil for the token in the data directory (see `AdminToken`).
    var adminToken: Secret?
    /// The embedded mongod's executable: a path, or a name on the PATH.
    var mongod = "mongod"
    /// Seconds between two runs of the jobs.
    var tickSeconds = 10
    /// Seconds from the signal to stop until the stop begins, in which it serves and says that it is not ready.
    var drainSeconds = 0
    var logLevel = LogLevel.info
    /// The operator's free plan, for shops that have no plan of their own named `free`.
    var freeLimits = Settings.defaultFreeLimits
    /// The limits of a month's consumption, by the plan's name.
    var billingLimits: [PlanName: [Meter: Limit]] = [:]
    var enforcement = Enforcement.on
    var invoiceDueDays = Settings.defaultInvoiceDueDays
    var rateLimits = RateLimits.defaults
    var webhooksAllowPrivate = false

    init(_ invocation: Invocation) throws(UsageError) {
        try UnknownSettings.refuseSlips(in: invocation.environment)
        host = try KnownSettings.host.read(invocation) ?? host
        port = try KnownSettings.port.read(invocation).map(UInt16.init) ?? port
        maxConnectionsPerAddress = try KnownSettings.maxConnectionsPerAddress.read(invocation).map(Int.init)
        mongodbURI = try KnownSettings.mongodbURI.read(invocation)
        database = try KnownSettings.database.read(invocation) ?? database
        dataDirectory = try KnownSettings.dataDirectory.read(invocation) ?? dataDirectory
        adminToken = try KnownSettings.adminToken.read(invocation)
        mongod = try KnownSettings.mongod.read(invocation) ?? mongod
        tickSeconds = try KnownSettings.tickSeconds.read(invocation).map(Int.init) ?? tickSeconds
        drainSeconds = try KnownSettings.drainSeconds.read(invocation).map(Int.init) ?? drainSeconds
        logLevel = try KnownSettings.logLevel.read(invocation) ?? logLevel
        enforcement = try KnownSettings.enforcement.read(invocation) ?? enforcement
        invoiceDueDays = try KnownSettings.invoiceDueDays.read(invocation).map(Int.init) ?? invoiceDueDays
        rateLimits = try KnownSettings.rateLimits(invocation)
        webhooksAllowPrivate = try KnownSettings.webhooksAllowPrivate.read(invocation) ?? webhooksAllowPrivate
        billingLimits = try KnownSettings.billingLimits(invocation)
        freeLimits.merge(billingLimits[.free] ?? [:]) { $1 }
    }

    /// The host with the port, as URLs have them: an IPv6 address in brackets.
    static func authority(_ host: String, _ port: UInt16) -> String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    func settings(adminToken: Secret) -> Settings {
        var settings = Settings(
            adminToken: adminToken.revealed, freeLimits: freeLimits, billingLimits: billingLimits, enforcement: enforcement,
            invoiceDueDays: invoiceDueDays, rateLimits: rateLimits)
        settings.allowsPrivateWebhooks = webhooksAllowPrivate
        return settings
    }
}
