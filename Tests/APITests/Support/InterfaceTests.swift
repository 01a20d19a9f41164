import HTTP
import JSON
import Jobs
import Metering
import Service
import Store
import Support
import Synchronization
import Testing
import Web

@testable import API

/// What holds for every route.
struct InterfaceTests {
    /// Each route with a path that fits it and the body that it must have.
    static let samples: [(method: Request.Method, path: String, access: String)] = [
        (.post, "/v1/admin/shops", "admin"), (.get, "/v1/admin/shops", "admin"), (.get, "/v1/admin/shops/acme", "admin"),
        (.patch, "/v1/admin/shops/acme", "admin"), (.get, "/v1/shop", "manage"), (.patch, "/v1/shop", "manage"),
        (.post, "/v1/admin/shops/acme/keys", "admin"), (.get, "/v1/admin/shops/acme/keys", "admin"),
        (.delete, "/v1/admin/shops/acme/keys/k", "admin"), (.post, "/v1/admin/shops/acme/keys/k/rotate", "admin"),
        (.get, "/v1/admin/jobs", "admin"),
        (.post, "/v1/admin/jobs/rollover/run", "admin"),
        (.post, "/v1/admin/shops/acme/clock", "admin"), (.post, "/v1/admin/shops/acme/jwt-secret", "admin"),
        (.put, "/v1/admin/shops/acme/stripe-secret", "admin"), (.post, "/v1/webhooks/stripe/acme", "open"),
        (.get, "/v1/stripe-events", "read"),
        (.put, "/v1/plans/pro", "manage"), (.get, "/v1/plans", "read"), (.get, "/v1/plans/pro", "read"),
        (.post, "/v1/subscriptions", "manage"), (.post, "/v1/subscriptions/preview", "manage"), (.get, "/v1/subscriptions", "read"),
        (.get, "/v1/subscriptions/u1", "read"),
        (.post, "/v1/subscriptions/u1/cancel", "manage"), (.post, "/v1/subscriptions/u1/suspend", "manage"),
        (.post, "/v1/subscriptions/u1/resume", "manage"), (.post, "/v1/subscriptions/u1/reset", "manage"),
        (.post, "/v1/usage", "usage"), (.post, "/v1/usage/batch", "usage"), (.get, "/v1/usage/u1", "read"),
        (.get, "/v1/usage/u1/events", "read"), (.get, "/v1/usage/u1/check", "read"), (.post, "/v1/usage/u1/purchases", "usage"),
        (.get, "/v1/usage/u1/breakdown", "read"), (.get, "/v1/usage/u1/engagement", "read"), (.put, "/v1/labels/d/v", "usage"),
        (.get, "/v1/labels/d", "read"),
        (.get, "/v1/users", "read"), (.put, "/v1/users/u1", "manage"), (.delete, "/v1/users/u1", "manage"), (.get, "/v1/events", "read"),
        (.get, "/v1/users/u1", "read"), (.post, "/v1/reservations", "usage"), (.get, "/v1/reservations", "read"),
        (.get, "/v1/reservations/r", "read"), (.post, "/v1/reservations/r/commit", "usage"),
        (.post, "/v1/reservations/r/release", "usage"), (.get, "/v1/export/subscriptions", "read"), (.get, "/v1/analytics", "read"),
        (.post, "/v1/users/u1/wallet", "billing"), (.get, "/v1/users/u1/wallet", "billing:read"),
        (.get, "/v1/users/u1/wallet/entries", "billing:read"), (.post, "/v1/users/u1/wallet/credits", "billing"),
        (.put, "/v1/users/u1/wallet/quota", "billing"), (.post, "/v1/projects", "billing"),
        (.get, "/v1/projects/p/wallet", "billing:read"), (.get, "/v1/projects/p/wallet/entries", "billing:read"),
        (.post, "/v1/projects/p/wallet/credits", "billing"), (.post, "/v1/charges", "billing"),
        (.post, "/v1/calls", "billing"), (.get, "/v1/calls", "billing:read"), (.get, "/v1/calls/c", "billing:read"),
        (.post, "/v1/calls/estimate", "billing:read"), (.post, "/v1/calls/hold", "billing"),
        (.post, "/v1/charges/estimate", "billing:read"), (.get, "/v1/billing-errors", "billing:read"),
        (.post, "/v1/billing-errors/e/resolve", "billing"),
        (.post, "/v1/consumption", "billing"), (.get, "/v1/consumption", "billing:read"), (.get, "/v1/billing/consumption", "billing:read"),
        (.put, "/v1/models/m/price", "billing"), (.get, "/v1/models", "billing:read"), (.get, "/v1/models/m/price", "billing:read"),
        (.put, "/v1/models/m/alias", "billing"),
        (.get, "/v1/analytics/daily", "read"), (.get, "/v1/analytics/margin", "billing:read"), (.get, "/v1/invoices", "billing:read"),
        (.get, "/v1/invoices/i", "billing:read"),
        (.post, "/v1/invoices/i/payments", "billing"), (.post, "/v1/invoices/i/cancel", "billing"),
        (.post, "/v1/invoices/i/refund", "billing"), (.get, "/v1/transactions", "billing:read"), (.get, "/v1/credit-notes", "billing:read"),
        (.get, "/v1/credit-notes/n", "billing:read"), (.get, "/healthz", "open"),
        (.post, "/v1/usage/u1/events/e/void", "usage"), (.get, "/v1/usage/u1/voids", "read"),
        (.post, "/v1/usage/u1/adjustments", "usage"), (.get, "/v1/usage/u1/adjustments", "read"),
        (.get, "/v1/usage/u1/purchases", "read"), (.get, "/v1/charges", "billing:read"), (.post, "/v1/charges/c/refund", "billing"),
        (.get, "/v1/audit-log", "read"),
        (.post, "/v1/webhook-endpoints", "manage"), (.get, "/v1/webhook-endpoints", "manage"),
        (.get, "/v1/webhook-endpoints/w", "manage"), (.patch, "/v1/webhook-endpoints/w", "manage"),
        (.delete, "/v1/webhook-endpoints/w", "manage"), (.post, "/v1/webhook-endpoints/w/rotate-secret", "manage"),
        (.post, "/v1/webhook-endpoints/w/test", "manage"), (.get, "/v1/webhook-deliveries", "manage"),
        (.get, "/v1/webhook-deliveries/d", "manage"), (.post, "/v1/webhook-deliveries/d/resend", "manage"),
        (.put, "/v1/users/u1/wallet/watch", "billing"), (.put, "/v1/projects/p/wallet/watch", "billing"),
        (.get, "/readyz", "open"), (.get, "/metrics", "open"), (.get, "/dashboard", "open"), (.get, "/portal", "open"),
        (.get, "/docs", "open"),
        (.post, "/v1/portal-sessions", "read"), (.get, "/v1/portal", "read"), (.get, "/v1/refusals", "read"),
        (.get, "/dashboard/app.js", "open"),
        (.get, "/openapi.json", "open"),
    ]

    @Test func `Every route is among the samples`() async throws {
        try await withTestAPI { api in
            let sampled = Self.samples.compactMap { sample -> String? in
                let path = sample.path.split(separator: "/").map(String.init)
                guard case .found(let prepared, _) = api.table.match(sample.method, path) else { return nil }
                return "\(prepared.route.method.name) \(prepared.route.pattern)"
            }
            #expect(Set(sampled) == Set(api.routes.map { "\($0.method.name) \($0.pattern)" }))
        }
    }

    @Test func `Only the right credential opens a route`() async throws {
        try await withTestAPI { api in
            let callers = ["admin"] + Scope.allCases.map(\.rawValue)
            for (method, path, access) in Self.samples where access != "open" {
                #expect(try await api.send(method, path, as: nil).status == 401, "\(path)")
                let unknown = try await api.send(method, path, as: "nobody")
                #expect(unknown.status == 401 && unknown.headers["www-authenticate"] == "Bearer", "\(path)")
                for who in callers {
                    let isOpen = who == access || (who, access) == ("billing", "billing:read")
                    let answer = try await api.send(method, path, as: who)
                    #expect((answer.code == "forbidden") != isOpen && answer.status != 401, "\(method.name) \(path) as \(who)")
                }
            }
        }
    }

    @Test func `A body must be JSON of the declared type`() async throws {
        try await withTestAPI { api in
            let posts: [(method: Request.Method, path: String, access: String)] = [
                (.put, "/v1/plans/p", "manage"), (.post, "/v1/usage", "usage"), (.post, "/v1/subscriptions/u1/cancel", "manage"),
            ]
            for (method, path, who) in posts {
                let form = try await api.send(method, path, as: who, [:], headers: ["content-type": "text/plain"])
                #expect(form.status == 415 && form.code == "unsupported_media_type", "\(path)")
                #expect(try await api.send(method, path, as: who, [1]).wrongFields == ["body"], "\(path)")
            }
            #expect(try await api.send(.get, "/v1/plans", as: "read", [:]).code == "malformed_request")
            #expect(try await api.send(.post, "/v1/usage", as: "usage").code == "malformed_json")
            #expect(try await api.send(.get, "/v1/plans", as: "read", headers: ["accept": "image/png"]).code == "not_acceptable")
            let method = try await api.send(.delete, "/v1/plans/p")
            #expect(method.status == 405 && method.headers["allow"] == "PUT, GET, HEAD")
            #expect(try await api.send(.get, "/v2/plans").code == "not_found")
        }
    }

    @Test func `The process is healthy, ready, and describes every route`() async throws {
        try await withTestAPI { api in
            #expect(try await api.send(.get, "/healthz", as: nil).json == ["status": "ok", "version": "1.2.3"])
            #expect(try await api.send(.get, "/readyz", as: nil).json == ["status": "ready", "jobs_stuck": 0])
            let document = try await api.send(.get, "/openapi.json", as: nil).json
            #expect(document["openapi"] == "3.1.0" && document["info"]?["version"] == "1.2.3")
            let operations = document["paths"]?.object?.fields.flatMap { path in
                path.value.object?.fields.map { "\($0.name.uppercased()) \(path.name)" } ?? []
            }
            #expect(operations?.sorted() == api.routes.map { "\($0.method.name) \($0.pattern)" }.sorted())
            let tags = document["tags"]?.array?.compactMap { $0["name"]?.string } ?? []
            #expect(tags.count == Set(tags).count && Set(tags) == Set(api.routes.map(\.tag)), "each is described, once")
            let names = Set(document["components"]?["schemas"]?.object?.fields.map(\.name) ?? [])
            #expect(names.isSuperset(of: ["Plan", "PlanInput", "Subscription", "UsageEvent", "RecordedUsage", "UsageSummary", "Problem"]))
            let references = Self.references(in: document)
            #expect(references.allSatisfy { Self.value(at: $0, in: document) != nil })
        }
    }

    private static func references(in value: JSON) -> [String] {
        switch value {
        case .object(let object): object.fields.flatMap { $0.name == "$ref" ? [$0.value.string ?? "?"] : references(in: $0.value) }
        case .array(let elements): elements.flatMap(references)
        default: []
        }
    }

    private static func value(at reference: String, in document: JSON) -> JSON? {
        reference.split(separator: "/").dropFirst().reduce(document) { $0?[String($1)] }
    }

    @Test func `A database that is away is a 503 with Retry-After, and the process stays healthy`() async throws {
        let store = try MeterStore(uri: "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=50", database: "none")
        defer { store.shutdown() }
        let service = ShopMeter(store: store, settings: Settings(adminToken: "root"))
        defer { service.drain() }
        let api = try API(service: service, jobs: JobRunner(service: service), version: "1", grace: .seconds(60)) { error, _ in
            Issue.record(error)
        }
        for path in ["readyz", "v1/admin/shops"] {
            let segments = path.split(separator: "/").map(String.init)
            let request = Request(method: .get, path: segments, headers: Headers(["authorization": "Bearer root"]))
            let answer = try await TestAnswer(api.respond(to: request))
            #expect(answer.status == 503 && answer.code == "database_unavailable" && answer.headers["retry-after"] == "1")
        }
        #expect(await api.respond(to: Request(method: .get, path: ["healthz"])).status == 200)
    }

    @Test func `Each request is logged once, by its route's pattern, and a refusal without one`() async throws {
        try await withTestAPI { api in
            _ = try await api.send(.get, "/v1/usage/u1", headers: ["x-request-id": "r1"])
            _ = try await api.send(.get, "/v1/nowhere")
            let refused = try await TestAnswer(api.api.refuse(.overloaded, Headers(["x-request-id": "r3"])))
            #expect(refused.status == 503 && refused.code == "overloaded" && refused.headers["x-request-id"] == "r3")
            let log = api.records.log.withLock { $0 }
            #expect(log.map(\.method) == ["GET", "GET", "-"] && log.map(\.status) == [200, 404, 503])
            #expect(log.map(\.route) == ["/v1/usage/{user_id}", "/v1/nowhere", "-"])
            #expect(log.first?.requestID == "r1" && log.last?.requestID == "r3")
        }
    }
}
