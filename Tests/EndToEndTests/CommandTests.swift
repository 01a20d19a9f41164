import Foundation
import Support
import Testing

/// Commands beside a running service, as a shell calls them.
@Suite struct CommandTests {
    @Test func `A minus is the standard input and the standard output, and the database is told on the standard error`() async throws {
        let directory = TestDatabase.directory("commands")
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try await RunningServer.start(["SHOPMETER_DATA_DIR": directory])
        _ = try await TestShop(on: server)
        let program = try RunningServer.executable().path
        let script = """
            set -e
            printf 'time,user,amount\\n2026-01-01 00:00:00,ada,5\\n' | "\(program)" import usage --shop shop1 --csv - --time-column time \\
                --user-column user --amount-columns amount --shift-to now
            "\(program)" export --shop shop1 --collection usage_events --format csv --out - 2>"\(directory)/said"
            cat "\(directory)/said"
            ls "${TMPDIR:-/tmp}" | grep -c standard-input || true
            """
        let output = try await RunningServer.run(
            ["-c", script], ["SHOPMETER_DATA_DIR": directory, "PATH": "/usr/bin:/bin"], program: URL(fileURLWithPath: "/bin/bash"))
        #expect(output.contains("ada"), "\(output)")
        #expect(output.contains("the database is \"shopmeter\" at 127.0.0.1:"), "\(output)")
        #expect(output.contains("in \(directory)"), "\(output)")
        #expect(await server.stop() == 0)
    }
}
