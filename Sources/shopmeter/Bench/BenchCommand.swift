internal import BSON
internal import Foundation
internal import Mongo
internal import Service
internal import Store

extension Command {
    static let benchRollover = Command(
        path: ["bench", "rollover"], summary: "Measures the rollover of many accounts beside bare updates of the same documents.",
        options: [Option(name: "accounts", placeholder: "N", help: "how many are due, 1 to 10000000 (100000)")] + Option.database,
        details: """
            It works in a database of its own, which it removes. The ratio is the rollover's rate over that of the bare updates.
            An event is recorded every 50 ms meanwhile; the slowest of them is told.
            """,
        examples: ["shopmeter bench rollover --accounts 10000"]
    ) { invocation in
        let count = try Setting<Int64>.integer("accounts", in: 1...10_000_000).option(of: invocation.arguments) ?? 100_000
        let configuration = try Configuration(invocation)
        let signals = Signals()
        let access = try DatabaseAccess.shared(configuration, isStopped: { signals.isRaised })
        defer { access.close() }
        let name = "shopmeter_bench_\(UInt32.random(in: 0 ... .max))"
        let database = try Database(uri: access.uri.secret, name: name, options: .bench)
        defer { database.shutdown() }
        let store = MeterStore(database: database)
        try store.prepare()
        defer { _ = try? database.withConnection { try $0.command(["dropDatabase": 1]) } }
        let bench = RolloverBench(
            store: store, database: database, settings: configuration.settings(adminToken: Secret("")), accounts: Int(count))
        return try await signals.interrupting {
            Console.print(BenchText.lines(of: try await bench.run()))
            return 0
        }
    }
}

extension DatabaseOptions {
    fileprivate static var bench: DatabaseOptions {
        var options = DatabaseOptions.patient
        options.threads = 4
        options.ownThreads = 4
        return options
    }
}

private enum BenchText {
    static func lines(of result: RolloverBench.Result) -> String {
        """
        accounts: \(result.accounts)
        rollover: \(rate(result.accounts, result.rollover))
        bare updates: \(rate(result.accounts, result.bare))
        ratio: \(hundredths(result.ratio))
        slowest event meanwhile: \(Int(result.slowestEvent / .milliseconds(1))) ms
        peak memory: \(peakMemory)
        """
    }

    private static func rate(_ count: Int, _ time: Duration) -> String {
        "\(Int(Double(count) / (time / .seconds(1)))) accounts/s (\(hundredths(time / .seconds(1))) s)"
    }

    private static func hundredths(_ number: Double) -> String { "\((number * 100).rounded() / 100)" }

    /// The largest resident set so far with its unit, `VmHWM` of proc(5): `76032 kB`.
    private static var peakMemory: String {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line.map { $0.dropFirst(6).trimmingCharacters(in: .whitespaces) } ?? "unknown"
    }
}
