import Foundation
import HTTP
import JSON
import Service
import Support
import Synchronization
import Testing
import Web

@testable import API
@testable import Store

/// Every route, asked by one shop for what another shop has.
struct TenantIsolationTests {
    private static func queries(_ mark: String) -> [String: [String]] {
        [
            "GET /v1/usage/{user_id}/breakdown": ["group_by=d"], "GET /v1/usage/{user_id}/check": ["amount=1"],
            "GET /v1/events": ["", "event_id=\(mark)-event"], "GET /v1/billing/consumption": ["user_id=\(mark)-ann"],
            "GET /v1/analytics/margin": ["group_by=model", "group_by=user"], "GET /v1/users": ["", "query=\(mark)"],
            "GET /v1/charges": ["", "user_id=\(mark)-ann"], "GET /v1/invoices": ["", "user_id=\(mark)-ann"],
            "GET /v1/subscriptions": ["", "plan_name=\(mark)-plan"], "GET /v1/audit-log": ["", "user_id=\(mark)-ann"],
        ]
    }

    struct Question {
        let route: String
        let method: Request.Method
        let path: [String]
        let query: [(name: String, value: String)]
        let body: JSON?
    }

    static func questions(_ routes: [Route], about target: FilledShop.Target) throws -> [Question] {
        let (bodies, queries) = (FilledShop.bodies(target.mark), queries(target.mark))
        return try routes.flatMap { route -> [Question] in
            let name = "\(route.method.name) \(route.pattern)"
            let segments = route.pattern.split(separator: "/").map(String.init)
            let path = segments.map { $0.hasPrefix("{") ? target.value(of: String($0.dropFirst().dropLast())) : $0 }
            if route.pattern.contains("{collection}") {
                return ExportCollection.allCases.map { collection in
                    Question(route: name, method: route.method, path: path.dropLast() + [collection.rawValue], query: [], body: nil)
                }
            }
            if [.get, .delete].contains(route.method) {
                return (queries[name] ?? [""]).map { text in
                    let pairs = text.split(separator: "&").map { $0.split(separator: "=").map(String.init) }
                    return Question(route: name, method: route.method, path: path, query: pairs.map { ($0[0], $0[1]) }, body: nil)
                }
            }
            return try #require(bodies[name], "\(name) needs a body here").map {
                Question(route: name, method: route.method, path: path, query: [], body: $0)
            }
        }
    }

    /// The answer without what differs between two shops that asked the same of different things.
    private static func bare(_ answer: TestAnswer, _ shop: String, _ target: FilledShop.Target) -> String {
        var text = answer.text.replacing(shop, with: "SHOP")
        for (name, id) in target.made { text = text.replacing(id, with: name) }
        return "\(answer.status) "
            + text.replacing(target.mark, with: "MARK").replacing(/"request_id":"[^"]*"/, with: "").replacing(/[0-9a-f]{24,32}/, with: "ID")
            .replacing(/key:[0-9a-f]{12}/, with: "KEY").replacing(/whsec_[^"]*/, with: "SECRET").replacing(/portal#[^"]*/, with: "TOKEN")
    }

    /// One shop asks for what the victim has, and its twin, with the same past, for what nobody has: each gets the same bytes, all through a
    /// sequence that makes, changes and erases its own things under the victim's ids; no answer has a word of the victim's, and nothing of it changes.
    @Test func `What another shop has is as unknown as what nobody has, on every route`() async throws {
        try await withTestAPI { api in
            var api = api
            let victims = FilledShop.Target(mark: "canary", made: try await FilledShop.fill(api))
            let nobodys = FilledShop.Target(
                mark: "absent", made: ["number": "FACT-200001-9999", "endpoint_id": "whe_0", "delivery_id": "whd_0"])
            try await api.addShop("spyer")
            try await api.addShop("twins")
            // Nothing announces that it is written when the victim's key was used, which is done beside the request.
            try await poll { try FilledShop.documents(containing: "last_used_at", api)["api_keys"] == nil ? nil : () }
            let before = try FilledShop.documents(containing: "\"acme\"", api)
            #expect(before.count >= 20, "\(before.keys.sorted())")

            let routes = api.routes.filter { if case .shop = $0.access { true } else { false } }
            let (reads, changes) = (routes.filter { $0.method == .get }, routes.filter { $0.method != .get })
            // Erased users and endpoints are listed in the order of ids that are random: there is one of each.
            let again = changes.filter { $0.method != .delete && $0.pattern != "/v1/webhook-endpoints" }
            let order = reads + changes + reads + again + reads
            let asked = zip(try Self.questions(order, about: victims), try Self.questions(order, about: nobodys))
            var answered: [String: Set<Int>] = [:]
            for (spying, blind) in asked {
                let seen = try await api.send(spying.method, spying.path, query: spying.query, as: "spyer", spying.body)
                let blank = try await api.send(blind.method, blind.path, query: blind.query, as: "twins", blind.body)
                #expect(
                    Self.bare(seen, "spyer", victims) == Self.bare(blank, "twins", nobodys),
                    "\(spying.route) \(spying.path) \(spying.query)")
                #expect(!blank.text.contains("canary") && !seen.text.contains("acme") && !blank.text.contains("acme"), "\(spying.route)")
                answered[spying.route, default: []].insert(seen.status)
            }
            #expect(try FilledShop.documents(containing: "\"acme\"", api) == before)
            // The twin, which asked for nothing of the victim's: nothing of it stands anywhere, in messages, refusals, answers that are kept.
            let endpoint: JSON = ["url": "https://example.com/twins", "events": ["subscription.created"]]
            #expect(try await api.send(.post, "/v1/webhook-endpoints", as: "twins", endpoint).status == 201)
            let subscription: JSON = [
                "user_id": "bob", "action": "create", "plan_name": "own", "allocated_tokens": 5, "monthly_fee": "1.00",
            ]
            #expect(try await api.send(.post, "/v1/subscriptions", as: "twins", subscription).status == 201)
            let kept = try FilledShop.documents(containing: "\"twins\"", api)
            #expect(kept.count >= 20 && kept["webhook_deliveries"] != nil)
            #expect(kept.values.joined().filter { $0.contains("canary") || $0.contains("acme") } == [])
            let log = api.records.log.withLock { $0 }
            #expect(log.filter { "\($0)".contains("canary") || $0.shop != "acme" && "\($0)".contains("acme") }.isEmpty)
            let metrics = try await api.send(.get, "/metrics", as: nil).text
            #expect(!metrics.contains("canary") && !metrics.contains("acme") && metrics.contains("shopmeter_"))
            #expect(answered.count == routes.count)
            // A route that only says that the question is wrong has not been asked.
            let unasked = answered.filter { $0.value.isSubset(of: [400, 401, 403, 405, 415, 422]) }
            #expect(unasked.isEmpty)
        }
    }
}
