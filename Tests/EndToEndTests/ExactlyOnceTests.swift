import BSON
import Foundation
import Mongo
import Support
import Synchronization
import Testing

@Suite struct ExactlyOnceTests {
    @Test func `Sixty-four clients with one event id: one 201, sixty-three times 200 with the same answer`() async throws {
        try await withShop { shop in
            let body = #"{"event_id":"once","user_id":"u","amount":42}"#
            let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                for _ in 0..<64 {
                    let client = try shop.client()
                    group.addTask { try await client.send("POST", "/v1/usage", body) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0.status == 201 } == 1)
            #expect(answers.count { $0.status == 200 && $0.bool("duplicate") == true } == 63)
            #expect(Set(answers.map { $0.text("recorded_at") ?? "" }).count == 1)
            #expect(answers.allSatisfy { $0.integer("used") == 42 })
            #expect(try await shop.client().send("GET", "/v1/usage/u/events").list("data").count == 1)
        }
    }

    @Test func `Fifty creates at once leave one live subscription`() async throws {
        try await withShop { shop in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<50 {
                    let client = try shop.client()
                    group.addTask {
                        try await client.send(
                            "POST", "/v1/subscriptions", #"{"user_id":"u","action":"create","plan_name":"pro"}"#
                        ).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 201 } == 1 && statuses.count { $0 == 200 } == 49)
            #expect(try await shop.client().send("GET", "/v1/subscriptions").list("data").count == 1)
        }
    }

    @Test func `After kill -9 under load, every acknowledged event is there once`() async throws {
        try await withTestDatabase(options: .patient) { database in
            let settings = [
                "SHOPMETER_MONGODB_URI": try TestDatabase.uri(), "SHOPMETER_DATABASE": database.name,
                "SHOPMETER_DATA_DIR": TestDatabase.directory(database.name),
            ]
            let first = try await RunningServer.start(settings)
            let shop = try await TestShop(on: first)
            let acknowledged = Acknowledged()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<16 {
                    let client = try shop.client()
                    group.addTask {
                        for index in 0... {
                            let id = "\(number)-\(index)"
                            let body = #"{"event_id":"\#(id)","user_id":"u\#(number % 4)","amount":1}"#
                            guard let answer = try? await client.send("POST", "/v1/usage", body), answer.status == 201 else { return }
                            // The kill comes in the middle, when enough is acknowledged.
                            if acknowledged.add(id) == 400 { kill(first.processID, SIGKILL) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            await first.stop(SIGKILL)
            #expect(try await documentsAreBehind(in: database), "the kill came between two checkpoints")
            let second = try await RunningServer.start(settings)
            let client = try ShopClient(second, token: shop.key)
            var found: [String] = []
            for user in 0..<4 { found += try await eventIDs(of: "u\(user)", client) }
            let all = acknowledged.ids
            #expect(all.count >= 400 && all.isSubset(of: found) && Set(found).count == found.count)
            var counted = 0
            for user in 0..<4 { counted += try await queries(of: "u\(user)", client) }
            #expect(counted == found.count, "the accounts count what the log holds")
            // The clients' retries of what was not acknowledged change nothing that was.
            let retry = try await client.send("POST", "/v1/usage", #"{"event_id":"0-0","user_id":"u0","amount":1}"#)
            #expect((retry.status, retry.bool("duplicate")) == (200, true))
            #expect(await second.stop() == 0)
        }
    }

    /// Whether an account's document lacks entries of its log.
    private func documentsAreBehind(in database: Database) async throws -> Bool {
        try await database.run { connection in
            try connection.find("token_usage", [:]).contains { account in
                let user = try account.document("_id").string("user_id")
                let last = try connection.find("usage_events", ["_id.user_id": .string(user)], sort: ["sequence": -1], limit: 1).first
                return try account.int64("sequence") < last?.int64("sequence") ?? 0
            }
        }
    }

    private func eventIDs(of user: String, _ client: ShopClient) async throws -> [String] {
        var ids: [String] = []
        var cursor: String? = ""
        while let at = cursor {
            let page = try await client.send("GET", "/v1/usage/\(user)/events?limit=200" + (at.isEmpty ? "" : "&cursor=\(at)"))
            ids += page.list("data").compactMap { $0["event_id"] as? String }
            cursor = page.text("next_cursor")
        }
        return ids
    }

    private func queries(of user: String, _ client: ShopClient) async throws -> Int {
        let lifetime = try await client.send("GET", "/v1/usage/\(user)")["lifetime"] as? [String: Any]
        return (lifetime?["queries"] as? NSNumber)?.intValue ?? 0
    }
}

private final class Acknowledged: Sendable {
    private let known = Mutex<Set<String>>([])

    var ids: Set<String> { known.withLock { $0 } }

    /// Adds an id, and returns how many there are then.
    func add(_ id: String) -> Int {
        known.withLock { set in
            set.insert(id)
            return set.count
        }
    }
}
