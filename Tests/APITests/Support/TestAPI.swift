import HTTP
import JSON
import Jobs
import Metering
import Mongo
import Service
import Store
import StoreSupport
import Support
import Synchronization
import Testing
import Web

@testable import API

typealias Route = Web.Route<Access>
typealias RouteTable = Web.RouteTable<Access>
typealias Dispatcher = Web.Dispatcher<Access>

/// The whole interface before a service on a database of its own. Every answer is held against what its route declares.
struct TestAPI {
    final class Records: Sendable {
        let log = Mutex<[LogEntry]>([])
        let internals = Mutex<[String]>([])
    }

    let api: API
    let routes: [Route]
    let table: RouteTable
    let store: MeterStore
    let service: ShopMeter
    let jobs: JobRunner
    let clock: ManualClock
    let records = Records()
    /// By what they may do: `admin`, `all`, each scope alone, `other` for every scope of another shop.
    private(set) var tokens = ["admin": "the-admin-token", "nobody": "smk_000000000000_" + String(repeating: "0", count: 64)]

    init(store: MeterStore, rateLimits: RateLimits) async throws {
        let clock = ManualClock()
        let service = ShopMeter(
            store: store, clock: clock, settings: Settings(adminToken: "the-admin-token", rateLimits: rateLimits),
            webhookBody: WebhookMessage.body)
        let jobs = JobRunner(service: service)
        (self.store, self.clock, self.service, self.jobs) = (store, clock, service, jobs)
        routes = try API.routes(service: service, jobs: jobs, version: "1.2.3")
        table = try RouteTable(routes)
        api = try API(service: service, jobs: jobs, version: "1.2.3", grace: .seconds(60)) { [records] error, _ in
            records.internals.withLock { $0.append("\(error)") }
        } log: { [records] entry in
            records.log.withLock { $0.append(entry) }
        }
        tokens["all"] = try await makeShop("acme")
        tokens["other"] = try await makeShop("rival")
        for scope in Scope.allCases {
            tokens[scope.rawValue] = try await service.createKey(of: ShopID(stored: "acme"), name: scope.rawValue, scopes: [scope]).text
        }
    }

    /// Makes a shop, whose key of every scope has the shop's name.
    mutating func addShop(_ id: String) async throws { tokens[id] = try await makeShop(id) }

    private func makeShop(_ id: String) async throws -> String {
        let made = try await service.createShop(id: ShopID(stored: id), name: id, currency: Currency(stored: "EUR"), clock: .live)
        return try #require(made.apiKey)
    }

    /// `target` is a path with its query, which are not decoded but for `%2F`.
    func send(
        _ method: Request.Method, _ target: String, as who: String? = "all", _ body: JSON? = nil,
        headers: KeyValuePairs<String, String> = [:], from remote: String? = nil, at location: SourceLocation = #_sourceLocation
    ) async throws -> TestAnswer {
        let parts = target.split(separator: "?", maxSplits: 1)
        let query = (parts.count == 2 ? parts[1] : "").split(separator: "&").map { pair in
            let halves = pair.split(separator: "=", maxSplits: 1).map(String.init)
            return (name: halves[0], value: halves.count == 2 ? halves[1] : "")
        }
        let path = parts[0].split(separator: "/").map { String($0).replacing("%2F", with: "/") }
        return try await send(method, path, query: query, as: who, body, headers: headers, from: remote, at: location)
    }

    /// `path` and `query` as they are when they are decoded.
    func send(
        _ method: Request.Method, _ path: [String], query: [(name: String, value: String)] = [], as who: String? = "all",
        _ body: JSON? = nil,
        headers: KeyValuePairs<String, String> = [:], from remote: String? = nil, at location: SourceLocation = #_sourceLocation
    ) async throws -> TestAnswer {
        var fields = Headers(headers)
        if let who { fields.add("authorization", "Bearer \(try #require(tokens[who], sourceLocation: location))") }
        // What headers describe may have no type.
        if body != nil, fields["content-type"] == nil, !fields.has("ce-specversion") { fields.add("content-type", "application/json") }
        let request = Request(method: method, path: path, query: query, headers: fields, body: body?.encoded ?? [], remote: remote)
        let answer = try await TestAnswer(api.respond(to: request))
        check(answer, to: request, at: location)
        return answer
    }

    /// The status and the body must be declared, and the problem's code among the route's.
    private func check(_ answer: TestAnswer, to request: Request, at location: SourceLocation) {
        #expect(answer.headers["x-request-id"] != nil, sourceLocation: location)
        guard case .found(let prepared, _) = table.match(request.method, request.path) else { return }
        let route = prepared.route
        if answer.status >= 400 {
            #expect(Problem.schema.validate(answer.json).isEmpty, "\(answer.json)", sourceLocation: location)
            let code = ProblemCode.all.first { $0.rawValue == answer.code }
            #expect(code.map(route.allProblems.contains) == true, "\(route.pattern): \(answer.json)", sourceLocation: location)
        } else if let declared = route.answers.first(where: { $0.status == answer.status }) {
            let schema = declared.content.first { $0.mediaType == MediaType.json && answer.headers["content-type"] == $0.mediaType }?.schema
            #expect(schema?.validate(answer.json) ?? [] == [], "\(answer.json)", sourceLocation: location)
        } else {
            Issue.record("\(route.pattern) does not declare \(answer.status)", sourceLocation: location)
        }
    }

    /// A plan with that many tokens, null for unlimited.
    func putPlan(_ name: String, tokens: JSON, fee: JSON = "29.00") async throws {
        let answer = try await send(.put, "/v1/plans/\(name)", ["monthly_fee": fee, "allowances": ["tokens": tokens]])
        #expect(answer.status == 201)
    }

    func subscribe(_ user: String, to plan: String, action: JSON = "create") async throws -> TestAnswer {
        try await send(.post, "/v1/subscriptions", ["user_id": .string(user), "action": action, "plan_name": .string(plan)])
    }

    func record(_ user: String, _ event: String, _ amount: Int64) async throws -> TestAnswer {
        try await send(.post, "/v1/usage", ["event_id": .string(event), "user_id": .string(user), "amount": .integer(amount)])
    }

    /// Runs the job that closes the periods that are due.
    func rollOver() async throws {
        let answer = try await send(.post, "/v1/admin/jobs/rollover/run", as: "admin", [:])
        guard answer.status == 200 else { throw RolloverFailure(answer: answer.text) }
    }

    private struct RolloverFailure: Error {
        let answer: String
    }
}

/// A response, whole.
struct TestAnswer {
    let status: Int
    let headers: Headers
    let text: String
    /// Null when the body is not JSON.
    let json: JSON

    init(_ response: Response) async throws {
        status = response.status
        headers = response.headers
        let bytes: [UInt8]
        switch response.body {
        case .bytes(let whole): bytes = whole
        case .stream(let write):
            let collected = Collected()
            try await write(collected)
            bytes = collected.bytes.withLock { $0 }
        }
        text = String(decoding: bytes, as: UTF8.self)
        json = (try? JSON(parsing: bytes)) ?? .null
    }

    var code: String? { json["code"]?.string }
    var lines: [Substring] { text.split(whereSeparator: \.isNewline) }
    /// The fields that a 422 names.
    var wrongFields: [String] { (json["errors"]?.array ?? []).compactMap { $0["field"]?.string } }

    private final class Collected: BodyWriter {
        let bytes = Mutex<[UInt8]>([])

        func write(_ bytes: [UInt8]) async throws { self.bytes.withLock { $0 += bytes } }
    }
}

/// `onCommand` is told of each command that the driver sends.
func withTestAPI(
    rateLimits: RateLimits = .defaults, onCommand: (@Sendable (StartedCommand) -> Void)? = nil, _ body: (TestAPI) async throws -> Void
) async throws {
    var options = DatabaseOptions.forTests
    options.onCommand = onCommand
    try await withTestStore(options: options) { store, _ in
        let api = try await TestAPI(store: store, rateLimits: rateLimits)
        defer { api.service.drain() }
        try await body(api)
        #expect(api.records.internals.withLock { $0 } == [])
    }
}

extension API {
    func respond(to request: Request) async -> Response {
        await withCheckedContinuation { continuation in
            _ = respond(to: request) { continuation.resume(returning: $0) }
        }
    }
}
