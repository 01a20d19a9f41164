import Foundation
import Support
import Testing

/// The clients that `/docs` offers, against the executable, by way of a proxy on which each second request fails.
@Suite struct ClientTests {
    @Test func `The Python client does what a backend does though requests fail and answers are lost`() async throws {
        try await withShop { shop in
            let clients = repositoryFile("Tests/Clients")
            let output = try await RunningServer.run(
                [
                    "python3", clients.appending(path: "run.py").path, "http://127.0.0.1:\(shop.server.port)", shop.key, "python3",
                    clients.appending(path: "python/main_path.py").path,
                ], ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"],
                program: URL(fileURLWithPath: "/usr/bin/env"))
            #expect(output.contains("done"), "\(output)")
        }
    }
}
