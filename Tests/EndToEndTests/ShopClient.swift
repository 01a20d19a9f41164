import Foundation
import Mongo
import Support
import Synchronization

/// A shop's backend: sends one request after another on one connection.
final class ShopClient: Sendable {
    private let server: RunningServer
    private let token: String
    private let connection: Mutex<(RawClient, lastUse: ContinuousClock.Instant)>
    /// A connection that was idle for longer is replaced, as the server closes it after 60 seconds.
    private static let maximumIdle = Duration.seconds(30)

    init(_ server: RunningServer, token: String = RunningServer.adminToken) throws {
        self.server = server
        self.token = token
        connection = Mutex((try server.client(), .now))
    }

    /// Sends the request, and again after `Retry-After` while the answer is 503, as a backend does: on a busy machine any request may be asked to
    /// come again.
    func send(_ method: String, _ target: String, _ body: String = "", headers: [String] = []) async throws -> Answer {
        let answer = try await sendOnce(method, target, body, headers: headers)
        guard answer.status == 503 else { return answer }
        return try await poll(every: answer.retryAfter) {
            let again = try await sendOnce(method, target, body, headers: headers)
            return again.status == 503 ? nil : again
        }
    }

    /// Sends the request, whatever the answer is.
    func sendOnce(_ method: String, _ target: String, _ body: String = "", headers: [String] = []) async throws -> Answer {
        var all = ["Authorization: Bearer \(token)"] + headers
        if !body.isEmpty { all.append("Content-Type: application/json") }
        defer { connection.withLock { $0.lastUse = .now } }
        return Answer(try await client().request(method, target, headers: all, body: body))
    }

    /// The body of an event of the user `u`.
    static func event(_ id: String) -> String { #"{"event_id":"\#(id)","user_id":"u","amount":1}"# }

    func record(_ id: String) async throws -> Answer { try await send("POST", "/v1/usage", Self.event(id)) }

    private func client() throws -> RawClient {
        try connection.withLock { connection in
            if connection.lastUse.duration(to: .now) > Self.maximumIdle { connection.0 = try server.client() }
            return connection.0
        }
    }
}

/// A response with its JSON body.
struct Answer: Sendable {
    let status: Int
    let response: RawResponse

    init(_ response: RawResponse) {
        self.response = response
        status = response.status
    }

    /// The pause that a 503 asks for; a second without one.
    var retryAfter: Duration { .seconds(response["retry-after"].flatMap(Int.init) ?? 1) }

    /// The body's object; empty when it is none.
    var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(response.body))) as? [String: Any] ?? [:] }

    subscript(key: String) -> Any? { json[key] }

    func text(_ key: String) -> String? { json[key] as? String }
    func integer(_ key: String) -> Int? { (json[key] as? NSNumber)?.intValue }
    func bool(_ key: String) -> Bool? { json[key] as? Bool }
    func list(_ key: String) -> [[String: Any]] { json[key] as? [[String: Any]] ?? [] }
}

/// A running service on a database of its own, with a shop and its key.
struct TestShop {
    let server: RunningServer
    let key: String

    func client() throws -> ShopClient { try ShopClient(server, token: key) }

    /// The environment by which a second instance or a command finds the shop's data.
    private let settings: [String: String]

    /// A second instance of the service on the same database.
    func anotherInstance() async throws -> RunningServer { try await RunningServer.start(settings) }

    /// The last line of `shopmeter audit`.
    func audit() async throws -> String {
        let output = try await RunningServer.run(["audit", "--shop", "shop1"], settings)
        return output.split(separator: "\n").last.map(String.init) ?? ""
    }

    /// Makes the shop with a plan `pro`, on a server that has no shop.
    init(on server: RunningServer, _ settings: [String: String] = [:], clock: String = "live") async throws {
        let created = try await ShopClient(server).send(
            "POST", "/v1/admin/shops", #"{"shop_id":"shop1","name":"Shop","currency":"EUR","clock":"\#(clock)"}"#)
        guard created.status == 201, let key = created.text("api_key") else {
            throw RunningServer.Failure(description: "no shop: \(created.status) \(created.response.text)")
        }
        self.server = server
        self.settings = settings
        self.key = key
        let plan = #"{"display_name":"Pro","monthly_fee":"29.00","allowances":{"tokens":4000000}}"#
        let put = try await client().send("PUT", "/v1/plans/pro", plan)
        guard put.status == 201 else { throw RunningServer.Failure(description: "no plan: \(put.response.text)") }
    }
}

/// Lends a running service on an empty database of the test process's mongod, with a shop. Dropping that database waits for transactions that a killed
/// service left open.
func withShop(_ settings: [String: String] = [:], _ body: (TestShop) async throws -> Void) async throws {
    try await withTestDatabase(options: .patient) { database in
        let directory = TestDatabase.directory("\(database.name)")
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let own = ["SHOPMETER_MONGODB_URI": try TestDatabase.uri(), "SHOPMETER_DATABASE": database.name, "SHOPMETER_DATA_DIR": directory]
        let merged = own.merging(settings) { $1 }
        let server = try await RunningServer.start(merged)
        do {
            try await body(TestShop(on: server, merged))
        } catch {
            await server.stop(SIGKILL)
            throw error
        }
        await server.stop()
    }
}
