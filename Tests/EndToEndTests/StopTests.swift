import BSON
import Foundation
import Mongo
import MongoServer
import Support
import Testing

/// A signal ends the service within 10 seconds with exit code 0, whatever hangs, and leaves no mongod.
@Suite struct StopTests {
    @Test func `A frozen mongod is killed at the stop, and the next start has every acknowledged event`() async throws {
        try await withDirectory("frozen") { settings in
            let first = try await RunningServer.start(settings)
            let shop = try await TestShop(on: first)
            #expect(try await shop.client().record("kept").status == 201)
            let mongod = try #require(Self.mongod(settings))
            kill(mongod, SIGSTOP)
            let waiting = try shop.client()
            async let unanswered = try? waiting.sendOnce("POST", "/v1/usage", ShopClient.event("lost"))
            try await expectStop(of: first)
            _ = await unanswered
            #expect(kill(mongod, 0) != 0)
            let second = try await RunningServer.start(settings)
            let kept = try await ShopClient(second, token: shop.key).record("kept")
            #expect(kept.bool("duplicate") == true, "\(kept.response.text)")
            try await expectStop(of: second)
        }
    }

    @Test(arguments: ["mongodb", "mongodb/owner.lock", "mongodb/mongod.log", "mongodb/db/mongod.lock", "mongodb-uri", "address"])
    func `A signal during the start ends it likewise`(file: String) async throws {
        try await withDirectory("early") { settings in
            let directory = settings["SHOPMETER_DATA_DIR"] ?? ""
            let server = try RunningServer.begin(["serve"], settings)
            // No event tells that a file of the start is there.
            _ = try await poll { FileManager.default.fileExists(atPath: "\(directory)/\(file)") ? true : nil }
            try await expectStop(of: server)
            if let mongod = Self.mongod(settings) { #expect(!Self.isMongod(mongod)) }
        }
    }

    @Test func `A drain says that it is not ready, serves on, and ends after its seconds`() async throws {
        try await withDirectory("drain") { settings in
            let server = try await RunningServer.start(settings.merging(["SHOPMETER_DRAIN_SECONDS": "30"]) { $1 })
            let client = try await TestShop(on: server).client()
            func health() async throws -> String {
                let words = ["health", "--port", "\(server.port)"]
                return try await RunningServer.run(words, settings)
            }
            #expect(try await health() == "ready\n")
            let begin = ContinuousClock.now
            kill(server.processID, SIGTERM)
            // The signal reaches the process when it does.
            _ = try await poll { try await client.sendOnce("GET", "/readyz").status == 503 ? true : nil }
            #expect(try await health().hasPrefix("not ready: 127.0.0.1:\(server.port) answers 503"))
            #expect(try await client.record("late").status == 201)
            #expect(await server.stop(nil) == 0)
            #expect(ContinuousClock.now - begin >= .seconds(30))
            #expect(try await health().hasPrefix("not ready: 127.0.0.1:\(server.port): no connection"))
        }
    }

    @Test func `A job that hangs in a frozen database does not hold up the stop`() async throws {
        let directory = TestDatabase.directory("hanging-job")
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let mongod = try EmbeddedServer.start(
            mongod: TestDatabase.mongod, directory: directory + "/mongod", cacheGB: 0.25,
            extraArguments: ["--setParameter", "enableTestCommands=1"])
        defer { mongod.stop() }
        let server = try await RunningServer.start([
            "SHOPMETER_MONGODB_URI": mongod.uri, "SHOPMETER_DATA_DIR": directory, "SHOPMETER_TICK_SECONDS": "1",
        ])
        let admin = try Database(uri: mongod.uri, name: "admin")
        defer { admin.shutdown() }
        let block: Document = [
            "failCommands": ["findAndModify"], "blockConnection": true, "blockTimeMS": 60_000, "appName": "shopmeter shopmeter",
        ]
        try await admin.run {
            _ = try $0.command(["configureFailPoint": "failCommand", "mode": "alwaysOn", "data": .document(block)])
        }
        // The timer's next turns take a lease, and hang.
        _ = try await poll { try await admin.run { try Self.isBlocked($0) } ? true : nil }
        try await expectStop(of: server)
    }

    private static func isBlocked(_ connection: Connection) throws -> Bool {
        let hanging: Document = ["currentOp": 1, "appName": "shopmeter shopmeter", "command.findAndModify": ["$exists": true]]
        return try !connection.command(hanging).array("inprog").isEmpty
    }

    private func expectStop(of server: RunningServer) async throws {
        let asked = ContinuousClock.now
        #expect(await server.stop() == 0, "\(server.log)")
        let ended = try #require(server.endedAt)
        #expect(ended - asked < .seconds(10))
    }

    /// The process id of the embedded mongod; nil when it has ended well, or not begun.
    private static func mongod(_ settings: [String: String]) -> pid_t? {
        let text = try? String(contentsOfFile: (settings["SHOPMETER_DATA_DIR"] ?? "") + "/mongodb/db/mongod.lock", encoding: .utf8)
        return text.flatMap { pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    private static func isMongod(_ pid: pid_t) -> Bool {
        (try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8))?.contains("mongod") == true
    }

    private func withDirectory(_ name: String, _ body: ([String: String]) async throws -> Void) async throws {
        let directory = TestDatabase.directory(name)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(["SHOPMETER_DATA_DIR": directory])
    }
}
