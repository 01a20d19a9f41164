import Foundation
import MongoServer
import Support
import Testing

@Suite struct FrozenDatabaseTests {
    /// A request of every way to the database: groups, locks, transactions, reads of a document, a page, in steps and as a stream.
    private static let requests: [(method: String, target: String, body: String)] = [
        ("POST", "/v1/usage", #"{"event_id":"e1","user_id":"u","amount":1}"#),
        ("POST", "/v1/usage", #"{"event_id":"e2","user_id":"unknown","amount":1}"#),
        ("POST", "/v1/charges", #"{"charge_id":"c","user_id":"u","model":"m","input_tokens":1,"output_tokens":1}"#),
        ("POST", "/v1/reservations", #"{"reservation_id":"r","user_id":"u","amount":1}"#),
        ("POST", "/v1/subscriptions", #"{"user_id":"u","action":"create","plan_name":"pro"}"#),
        ("POST", "/v1/subscriptions", #"{"user_id":"u","action":"create","plan_name":"pro"}"#),
        ("POST", "/v1/subscriptions", #"{"user_id":"u","action":"create","plan_name":"pro"}"#),
        ("PUT", "/v1/plans/basic", #"{"monthly_fee":"1","allowances":{"tokens":1}}"#), ("GET", "/v1/plans", ""), ("GET", "/v1/usage/u", ""),
        ("GET", "/v1/usage/u/events", ""), ("GET", "/v1/usage/u/breakdown?group_by=model", ""), ("GET", "/v1/usage/u/breakdown", ""),
        ("GET", "/v1/usage/u/breakdown", ""), ("GET", "/v1/usage/u/engagement", ""), ("GET", "/v1/analytics", ""),
        ("GET", "/v1/export/usage_events", ""), ("GET", "/v1/invoices", ""), ("GET", "/readyz", ""),
    ]

    /// Five seconds, and as much again for a machine that is busy; one lock after another would take longer.
    private static let patience = Duration.seconds(10)

    @Test func `While the database stands still, a request of every kind is answered 503, and the process's health at once`() async throws {
        let directory = TestDatabase.directory("frozen")
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let mongod = try EmbeddedServer.start(mongod: TestDatabase.mongod, directory: directory + "/mongod", cacheGB: 0.25)
        defer { mongod.stop() }
        let server = try await RunningServer.start(["SHOPMETER_MONGODB_URI": mongod.uri, "SHOPMETER_DATA_DIR": directory])
        let shop = try await TestShop(on: server)
        let recorded = try await shop.client().send("POST", "/v1/usage", #"{"event_id":"e0","user_id":"u","amount":1}"#)
        #expect(recorded.status == 201)
        let pid = try #require(mongod.processIdentifier)
        try freeze(pid)
        // Whatever happens, the database goes on before it is stopped.
        defer { kill(pid, SIGCONT) }
        // Only answers that come while it stands still let this end.
        try await withThrowingTaskGroup { group in
            for (method, target, body) in Self.requests {
                group.addTask {
                    let answer = try await shop.client().sendOnce(method, target, body)
                    let took = try #require(answer.response.took)
                    #expect(answer.status == 503 && answer.response["retry-after"] != nil, "\(method) \(target): \(answer.response.text)")
                    #expect(took < Self.patience, "\(method) \(target): \(took)")
                }
            }
            group.addTask {
                let unknown = try ShopClient(server, token: "smk_000000000000_" + String(repeating: "0", count: 64))
                let answer = try await unknown.sendOnce("GET", "/v1/plans")
                let took = try #require(answer.response.took)
                #expect(answer.status == 503 && took < Self.patience, "an unknown key: \(answer.response.text) after \(took)")
            }
            try await group.waitForAll()
        }
        #expect(try await shop.client().send("GET", "/healthz").status == 200)
        kill(pid, SIGCONT)
        #expect(try await poll { try await shop.client().send("GET", "/v1/usage/u").status == 200 ? true : nil })
        #expect(await server.stop() == 0)
    }
}
