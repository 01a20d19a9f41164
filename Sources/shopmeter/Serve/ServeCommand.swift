internal import Glibc

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

            Logs are JSON lines on the standard output, or lines for people where that is a terminal (NO_COLOR=1: without colours);
            "listening on http://HOST:PORT" says that it is ready. SIGTERM or Ctrl-C stops it within 10 seconds (after those of --drain-seconds), a
            second one at once.
            """,
        examples: [
            "shopmeter serve --port 8080 --data-dir ./data",
            "SHOPMETER_MONGODB_URI='mongodb://db.example/?replicaSet=rs0' shopmeter serve --host 0.0.0.0",
        ]
    ) { invocation in
        let configuration = try Configuration(invocation)
        let log = Log(level: configuration.logLevel, as: .of(STDOUT_FILENO, invocation.environment))
        defer { log.flush() }
        for name in UnknownSettings.names(in: invocation.environment) { log.warning(UnknownSettings.sentence(about: name)) }
        return try await RunningService.run(configuration, log: log, signals: Signals())
    }
}

extension RunningService {
    /// Serves from start to the first signal, which may come during the start; returns the exit code.
    static func run(_ configuration: Configuration, log: Log, signals: Signals) async throws -> Int32 {
        let deadline = StopDeadline(log: log)
        signals.whenRaised {
            log.info("stopping")
            deadline.begin(after: configuration.drainSeconds)
        }
        do {
            let service = try start(configuration, log: log, until: deadline, isStopped: { signals.isRaised })
            if !signals.isRaised { try service.listen(configuration) }
            await signals.wait()
            await service.leave(for: configuration.drainSeconds)
            await service.stop()
        } catch {
            // What a start fails with after a signal is the signal's doing.
            guard signals.isRaised else { throw error }
        }
        log.info("stopped")
        return 0
    }
}
