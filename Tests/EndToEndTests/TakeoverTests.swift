import Foundation
import Mongo
import Support
import Testing

/// Jobs on several instances, of which one is killed and one stands still at work.
@Suite struct TakeoverTests {
    private static let users = 2_000
    /// Days by which the clock moves: so many periods a user that one transaction of the rollover closes only some of the users, and the rollover can
    /// be met at work also on a busy machine.
    private static let days: Int64 = 12

    @Test
    func `Of three instances one is stopped for longer than its lease and the next is killed: each period is closed once`() async throws {
        try await withInstances { database, shop, instances in
            try await Self.fill(shop)
            let watch = try await RolloverWatch.move("shop1", days: Self.days, in: database)
            let first = try await watch.freezeOwner(among: instances, due: Self.users)
            let stopped = try #require(instances[first])
            let left = try await watch.due()
            #expect(left > 0 && left < Self.users, "it was stopped in the middle")
            try await watch.endTerm()
            let second = try await watch.freezeOwner(among: instances, after: first, due: left)
            let killed = try #require(instances[second])
            #expect(await killed.stop(SIGKILL) == -SIGKILL)
            let rest = try await watch.due()
            #expect(rest > 0 && rest < left, "it was killed in the middle")
            try await watch.endTerm()
            // The third instance finishes; the accounts in the database are the only witness.
            _ = try await poll(within: .seconds(240)) { try await watch.due() == 0 ? true : nil }
            let before = try await watch.chains()
            let said = stopped.log
            kill(stopped.processID, SIGCONT)
            try await stopped.waitForLog(#""job":"rollover""#, after: said)
            let after = try await watch.chains()
            #expect(after == before)
            Self.expectRight(after, at: watch.now)
            #expect(try await shop.audit() == "\(Self.users) accounts, \(Self.users) events, 0 wallets, 0 differences")
        }
    }

    /// Every user is subscribed, by periods of one day or of two, and has an event.
    private static func fill(_ shop: TestShop) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                let client = try shop.client()
                group.addTask {
                    for user in stride(from: worker, to: users, by: 8) {
                        let body = #"{"user_id":"u\#(user)","action":"create","plan_name":"pro","billing_cycle":"days:\#(user % 2 + 1)"}"#
                        try #require(try await client.send("POST", "/v1/subscriptions", body).status == 201)
                    }
                }
            }
            try await group.waitForAll()
        }
        for start in stride(from: 0, to: users, by: 1_000) {
            let events = (start..<start + 1_000).map { #"{"event_id":"e","user_id":"u\#($0)","amount":\#($0)}"# }
            let answer = try await shop.client().send("POST", "/v1/usage/batch", #"{"events":[\#(events.joined(separator: ","))]}"#)
            try #require(answer.list("results").count { $0["status"] as? String == "recorded" } == 1_000)
        }
    }

    /// Expects of each user that the periods up to `now` are closed, and the open one ends later.
    private static func expectRight(_ chains: [String: [Int64]?], at now: Int64) {
        #expect(chains.count == users)
        for (user, ends) in chains {
            guard let ends, let open = ends.last, let number = Int(user.dropFirst()) else {
                Issue.record("\(user): periods that do not follow on one another")
                continue
            }
            let isRight = ends.count == Int(days) / (number % 2 + 1) + 1 && open > now && ends.dropLast().allSatisfy { $0 <= now }
            #expect(isRight, "\(user): \(ends)")
        }
    }

    /// Lends three instances of the service on one database with a test shop, by the names under which they take leases. A name is known once its
    /// instance, the newest one, has taken the rollover's lease; the lease is polled, as only the database has it.
    private func withInstances(_ body: (Database, TestShop, [String: RunningServer]) async throws -> Void) async throws {
        try await withTestDatabase(options: .patient) { database in
            let directory = TestDatabase.directory(database.name)
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let settings = [
                "SHOPMETER_MONGODB_URI": try TestDatabase.uri(), "SHOPMETER_DATABASE": database.name, "SHOPMETER_DATA_DIR": directory,
                "SHOPMETER_TICK_SECONDS": "1",
            ]
            var instances: [String: RunningServer] = [:]
            var servers: [RunningServer] = []
            do {
                while servers.count < 3 {
                    let server = try await RunningServer.start(settings)
                    servers.append(server)
                    let name = try await poll(within: .seconds(240)) {
                        try await RolloverWatch.owner(in: database).flatMap { $0.isEmpty || instances[$0] != nil ? nil : $0 }
                    }
                    instances[name] = server
                }
                try await body(database, TestShop(on: servers[0], settings, clock: "test"), instances)
            } catch {
                for server in servers { await server.stop(SIGKILL) }
                throw error
            }
            for server in servers { await server.stop() }
        }
    }
}
