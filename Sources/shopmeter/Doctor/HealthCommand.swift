internal import HTTPClient

extension Command {
    static let health = Command(
        path: ["health"], summary: "Asks a running service whether it is ready: exit code 0 when it is.",
        options: [
            Option(name: "host", placeholder: "HOST", help: "where it listens (127.0.0.1)"),
            Option(name: "port", placeholder: "PORT", help: "the port on which it listens (8080)"),
        ],
        details: "It asks GET /readyz, for 5 seconds at most: for the health check of a container, or a script that waits for a start.",
        examples: ["shopmeter health", "shopmeter health --port 8081"]
    ) { invocation in
        let configuration = try Configuration(invocation)
        let finding = Health(host: configuration.host, port: configuration.port).finding()
        Console.print(finding.text)
        return finding.isReady ? 0 : 1
    }
}

/// A running service, asked as its clients ask.
struct Health {
    let host: String
    let port: UInt16

    private static let patience = Duration.seconds(5)

    func finding() -> (isReady: Bool, text: String) {
        // Who listens on every address is on this machine's own, too.
        let host = ["0.0.0.0": "127.0.0.1", "::": "::1"][host] ?? host
        let authority = Configuration.authority(host, port)
        do throws(CallFailure) {
            var client = try HTTPClient(allowingPrivate: true)
            client.limits.time = Self.patience
            let answer = try client.send(
                .init(.get, isSecure: false, host: host, port: port, authority: authority, target: "/readyz", headers: [], body: []))
            return answer.status == 200 ? (true, "ready") : (false, "not ready: \(authority) answers \(answer.status)")
        } catch {
            return (false, "not ready: \(authority): \(error.reason)")
        }
    }
}
