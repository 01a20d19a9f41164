internal import HTTPServer
internal import JSON
internal import Metering
internal import Mongo
internal import Service

/// What the log says when the service is ready: what runs, on which database, within which limits, and what somebody should look at.
enum StartNote {
    static func fields(_ configuration: Configuration, _ bounds: ServerConfiguration) -> JSON.Object {
        [
            "version": .string(Version.current), "database": .string(configuration.database),
            "mongodb": .string(configuration.mongodbURI?.description ?? "embedded"),
            "data_dir": .string(configuration.dataDirectory), "connections": JSON(bounds.maxConnections),
            "connections_per_address": JSON(bounds.connectionsOfOneClient),
            "in_flight": JSON(bounds.maxInFlight),
            "tick_seconds": JSON(configuration.tickSeconds), "log_level": .string(configuration.logLevel.rawValue),
        ]
    }

    /// Settings that a service of customers' would not have.
    static func warnings(_ configuration: Configuration) -> [String] {
        var warnings: [String] = []
        if configuration.enforcement == .off {
            warnings.append("SHOPMETER_ENFORCEMENT is off: nothing is refused for want of an allowance")
        }
        if configuration.webhooksAllowPrivate {
            warnings.append("SHOPMETER_WEBHOOKS_ALLOW_PRIVATE is on: webhooks go to private addresses, and without TLS")
        }
        if configuration.mongodbURI == nil { warnings.append("the database is an embedded mongod: one machine, without a copy") }
        if !["127.0.0.1", "::1", "localhost"].contains(configuration.host) {
            warnings.append("listening on \(configuration.host) without TLS: a proxy in front of it has to end TLS")
        }
        return warnings
    }
}
