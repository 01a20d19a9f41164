import Foundation
import Support
import Testing

/// The commands that the README shows, run as they stand there.
@Suite struct ReadmeTests {
    @Test func `The five minutes and the money of the README work as they stand`() async throws {
        try await withShop { shop in
            let money = try Self.commands(under: "Money").split(separator: "\n").filter { !$0.hasPrefix("shopmeter ") }
            let script = try Self.commands(under: "Five minutes") + money.joined(separator: "\n")
            let output = try await RunningServer.run(
                ["-c", Self.adapt(script, to: shop.server)], ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"],
                program: URL(fileURLWithPath: "/bin/bash"))
            let answers = output.split(separator: "\n").filter { $0.hasPrefix("{") }.map(Self.object)
            let problems = answers.compactMap { $0["code"] as? String }
            #expect(problems == ["usage_limit_exceeded"], "the refused event, and no other: \(output)")
            #expect(answers.filter { $0["event_id"] as? String == "q-1" }.compactMap { $0["duplicate"] as? Bool } == [false, true])
            #expect(answers.filter { $0["remaining"] != nil }.last?["remaining"] as? Int == 680, "1000 + 500 − 700 − 120")
            #expect(answers.first { $0["would_take"] != nil }?["allowed"] as? Bool == false)
            #expect(answers.first { $0["charge_id"] != nil }?["deducted_from"] as? String == "project")
            let rows = output.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("q-1,") || $0.hasPrefix("call-1,") }
            #expect(rows.count == 2, "the CSV has both events")
        }
    }

    /// The first block of shell commands in a section of the README.
    private static func commands(under title: String) throws -> String {
        let text = try String(contentsOf: repositoryFile("README.md"), encoding: .utf8)
        let section = try #require(text.components(separatedBy: "\n## \(title)\n").dropFirst().first)
        return try #require(section.components(separatedBy: "```sh\n").dropFirst().first?.components(separatedBy: "```").first)
    }

    /// The same commands for a service of the tests: its port, and its admin token.
    private static func adapt(_ script: String, to server: RunningServer) -> String {
        script.replacing("http://127.0.0.1:8080", with: "http://127.0.0.1:\(server.port)")
            .replacing("$(cat data/admin-token)", with: RunningServer.adminToken)
    }

    private static func object(_ line: Substring) -> [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any] ?? [:]
    }
}
