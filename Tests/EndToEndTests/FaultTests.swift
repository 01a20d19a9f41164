import Foundation
import Mongo
import MongoServer
import Support
import Testing

@Suite struct FaultTests {
    @Test(arguments: [SIGSTOP, SIGKILL])
    func `Without its database the service answers 503 before its clients give up, and goes on when it is back`(signal: Int32) async throws
    {
        let directory = TestDatabase.directory("gone")
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let mongod = try EmbeddedServer.start(mongod: TestDatabase.mongod, directory: directory + "/mongod", cacheGB: 0.25)
        defer { mongod.stop() }
        let server = try await RunningServer.start(["SHOPMETER_MONGODB_URI": mongod.uri, "SHOPMETER_DATA_DIR": directory])
        let shop = try await TestShop(on: server)
        let client = try shop.client()
        #expect(try await client.record("before").status == 201)
        guard let pid = mongod.processIdentifier else { throw RunningServer.Failure(description: "no mongod") }
        if signal == SIGSTOP { try freeze(pid) } else { kill(pid, signal) }
        let asked = ContinuousClock.now
        var gone = try await client.sendOnce("POST", "/v1/usage", ShopClient.event("lost-0"))
        // A killed mongod may be back before a request misses it; a stopped one is not.
        if signal == SIGSTOP {
            #expect(ContinuousClock.now - asked < .seconds(20))
            #expect((gone.status, gone.text("code")) == (503, "database_unavailable"))
            #expect(gone.response["retry-after"] != nil)
            #expect(try await client.sendOnce("GET", "/readyz").status == 503)
            #expect(try await client.send("GET", "/healthz").status == 200)
            kill(pid, SIGCONT)
        }
        // The service does not announce that its database is back: a client tries again after `Retry-After`.
        if gone.status == 503 { gone = try await client.record("lost-0") }
        #expect(gone.status == 201 || gone.status == 200)
        #expect(try await client.record("before").bool("duplicate") == true)
        let usage = try await client.send("GET", "/v1/usage/u")["lifetime"] as? [String: Any]
        #expect((usage?["queries"] as? NSNumber)?.intValue == 2)
        #expect(await server.stop() == 0)
    }

    @Test func `The embedded database survives kill -9, and one data directory has one owner`() async throws {
        let directory = TestDatabase.directory("embedded")
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let settings = ["SHOPMETER_DATA_DIR": directory]
        let first = try await RunningServer.start(settings)
        let shop = try await TestShop(on: first)
        #expect(try await shop.client().record("kept").status == 201)
        let error = await #expect(throws: RunningServer.Failure.self) { try await RunningServer.start(settings) }
        #expect(error?.description.contains(directory) == true)
        #expect(await first.stop(SIGKILL) == -SIGKILL)
        let second = try await RunningServer.start(settings)
        let client = try ShopClient(second, token: shop.key)
        #expect(try await client.record("kept").bool("duplicate") == true)
        #expect(await second.stop() == 0)
    }

    @Test func `A stop finishes what is under way, and exits with 0`() async throws {
        try await withShop { shop in
            let answers = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<32 {
                    let client = try shop.client()
                    group.addTask { try await client.sendOnce("POST", "/v1/usage", ShopClient.event("s\(index)")).status }
                }
                var statuses: [Int] = []
                while let status = try? await group.next() {
                    statuses.append(status)
                    if statuses.count == 1 { kill(shop.server.processID, SIGTERM) }
                }
                return statuses
            }
            #expect(answers.allSatisfy { $0 == 201 || $0 == 503 } && !answers.isEmpty)
            #expect(await shop.server.stop(nil) == 0)
        }
    }
}
