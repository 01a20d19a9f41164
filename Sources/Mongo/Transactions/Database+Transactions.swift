extension Database {
    /// Runs the body in a transaction on a database thread, as `Connection.transaction` does. Between two attempts it holds no thread. `admit` is
    /// given the connection of each attempt first.
    package func transaction<R: Sendable>(
        by deadline: ContinuousClock.Instant? = nil, in lane: Lane = .plain(of: ""), within limit: Duration = .seconds(10),
        retryingConflicts: Bool = true, admit: @escaping @Sendable (Connection) throws -> Void = { _ in },
        body: @escaping @Sendable (Transaction) throws -> R
    ) async throws -> R {
        let start = ContinuousClock.now
        let end = min(start + limit, deadline ?? start + limit)
        var backoff = Backoff()
        while true {
            let outcome = try await run(by: end, in: lane) { connection in
                try admit(connection)
                return try connection.withTransactionSession { session in
                    try RetryLoop(
                        connection: connection, session: session, deadline: end, retriesConflicts: retryingConflicts, start: start
                    ).attempt(body)
                }
            }
            switch outcome {
            case .committed(let result): return result
            case .again(let error):
                let pause = backoff.next(jitter: .random(in: 0...1))
                guard retryingConflicts || error.kind != .writeConflict, .now + pause < end else { throw error }
                try await Task.sleep(for: pause)
            }
        }
    }
}
