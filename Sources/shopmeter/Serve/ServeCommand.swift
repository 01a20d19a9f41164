internal import Dispatch

extension Command {
    static let serve = Command(
        path: ["serve"], summary: "Runs the service.", options: Option.serving + Option.database,
        details: """
            Each option can stand in the environment instead: SHOPMETER_PORT, SHOPMETER_DATA_DIR, and so on; an option wins. Only there:
              SHOPMETER_ADMIN_TOKEN                         the admin token; without it, one is made and kept in DIR/admin-token
              SHOPMETER_RATE_LIMIT_{USAGE,READ,BILLING,EXPORT,END_USER,FAILURES}
                                                            requests a second that are let in, 100, with a burst 100:500, or off
              BILLING_LIMIT_{FREE,PREMIUM,PRO}_API_CALLS    calls of a month on that plan, a whole number or unlimited
              BILLING_LIMIT_{FREE,PREMIUM,PRO}_TOKENS       tokens likewise; FREE is also the plan of shops that have no plan `free`

            Logs are JSON lines on the standard output; "listening on http://HOST:PORT" says that it is ready. SIGTERM or Ctrl-C stops it within
            10 seconds, a second one at once.
            """,
        examples: [
            "shopmeter serve --port 8080 --data-dir ./data",
            "SHOPMETER_MONGODB_URI='mongodb://db.example/?replicaSet=rs0' shopmeter serve --host 0.0.0.0",
        ]
    ) { invocation in
        let configuration = try Configuration(invocation)
        let log = Log(level: configuration.logLevel)
        defer { log.flush() }
        return try await RunningService.run(configuration, log: log, signals: Signals())
    }
}

extension RunningService {
    /// Serves from start to the first signal; returns the exit code.
    static func run(_ configuration: Configuration, log: Log, signals: Signals) async throws -> Int32 {
        let service = try start(configuration, log: log)
        if !signals.isRaised { try service.listen(configuration) }
        await signals.wait()
        log.info("stopping")
        let watchdog = Watchdog(after: .milliseconds(9_500), log: log)
        await service.stop()
        watchdog.cancel()
        log.info("stopped")
        return 0
    }
}
