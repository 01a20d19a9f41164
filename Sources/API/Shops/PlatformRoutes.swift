import HTTP
import JSON
import Jobs
import Metering
import Service
import Web

/// What the platform's operator does: shops, their keys, and jobs.
struct PlatformRoutes: Sendable {
    let service: ShopMeter
    let jobs: JobRunner

    static let tag = "platform"
    static let shopID = Parameter.path("shop_id")

    var all: [Route] { [postShop, getShops, getShop, postKey, getKeys, deleteKey, rotateSecret, putStripeSecret, moveClock, runJob] }

    private var postShop: Route {
        Route(
            .post, "/v1/admin/shops", "Make a shop", tag: Self.tag, access: .admin,
            // `shop_id` must be there, so that the key never counts.
            idempotency: .id("shop_id", orKey: true),
            body: .json(
                .object([
                    .required("shop_id", .identifier), .required("name", .string(1...200)), .required("currency", .currency),
                    .optional("clock", Shop.clockSchema, "A `test` shop's time is set by hand.", default: "live"),
                ])),
            answers: [
                .json(201, "The shop, with its secrets", ShopMeter.CreatedShop.schema),
                .json(200, "The shop was there already; its secrets are not shown again", ShopMeter.CreatedShop.schema),
            ],
            handle: createShop)
    }

    private func createShop(_ call: Call) async throws -> Response {
        let fields = call.fields
        let created = try await service.createShop(
            id: try fields.identifier("shop_id"), name: try fields.text("name"), currency: Currency(stored: try fields.text("currency")),
            clock: try fields.value(ifAny: "clock", Shop.Clock.init(rawValue:)) ?? .live)
        return .json(created.isDuplicate ? 200 : 201, created.json)
    }

    private var getShops: Route {
        Route(
            .get, "/v1/admin/shops", "The shops", tag: Self.tag, access: .admin, parameters: Page.parameters,
            answers: [.json(200, "Shops in the order of their ids", Page.schema(of: Shop.schema))], handle: listShops)
    }

    private func listShops(_ call: Call) async throws -> Response {
        let page = try call.page(of: "shops", keyedBy: [.identifier])
        let shops = try await service.shops(after: page.afterID.map(ShopID.init(stored:)), limit: page.readLimit)
        return try page.answer(of: "shops", shops, key: { [$0.id.json] }, json: \.json)
    }

    private var getShop: Route {
        Route(
            .get, "/v1/admin/shops/{shop_id}", "A shop", tag: Self.tag, access: .admin, parameters: [Self.shopID],
            answers: [.json(200, "The shop", Shop.schema)], problems: [.notFound]
        ) { call in .json(200, try await service.shop(try call.parameters.identifier("shop_id")).json) }
    }

    private var postKey: Route {
        Route(
            .post, "/v1/admin/shops/{shop_id}/keys", "Make a key of a shop", tag: Self.tag, access: .admin,
            idempotency: .key, parameters: [Self.shopID],
            body: .json(
                .object([
                    .required("name", .string(1...200)),
                    .required("scopes", .array(of: APIKey.scopeSchema, count: 1...Scope.allCases.count)),
                ])),
            answers: [
                .json(201, "The key, shown this once", APIKey.createdSchema),
                .json(200, "The key was made with this `Idempotency-Key` before; it is not shown again", APIKey.createdSchema),
            ],
            problems: [.notFound], handle: createKey)
    }

    private func createKey(_ call: Call) async throws -> Response {
        let scopes = try call.fields.array("scopes").compactMap { $0.string.flatMap(Scope.init(rawValue:)) }
        let once: IdempotentRequest<APIKey>? = try call.once(as: "POST /v1/admin/shops/{shop_id}/keys") { $0.json(text: nil) }
        let outcome = try await service.createKey(
            of: try call.parameters.identifier("shop_id"), name: try call.fields.text("name"), scopes: Set(scopes), once: once)
        return try outcome.response { .json(201, $0.key.json(text: $0.text)) }
    }

    private var getKeys: Route {
        Route(
            .get, "/v1/admin/shops/{shop_id}/keys", "The keys of a shop", tag: Self.tag, access: .admin,
            parameters: [Self.shopID] + Page.parameters,
            answers: [.json(200, "Keys in the order of their ids", Page.schema(of: APIKey.schema))], problems: [.notFound],
            handle: listKeys)
    }

    private func listKeys(_ call: Call) async throws -> Response {
        let shop: ShopID = try call.parameters.identifier("shop_id")
        let page = try call.page(of: "keys", keyedBy: [.identifier])
        let keys = try await service.keys(of: shop, after: page.afterID.map(KeyID.init(stored:)), limit: page.readLimit)
        return try page.answer(of: "keys", keys, key: { [$0.id.json] }, json: { .object($0.object) })
    }

    private var deleteKey: Route {
        Route(
            .delete, "/v1/admin/shops/{shop_id}/keys/{key_id}", "Revoke a key",
            description: "It stops working at once here, and within 5 seconds on every other instance.", tag: Self.tag, access: .admin,
            parameters: [Self.shopID, .path("key_id")], answers: [.empty(204, "The key is revoked")], problems: [.notFound]
        ) { call in
            try await service.revokeKey(try call.parameters.identifier("key_id"), of: try call.parameters.identifier("shop_id"))
            return .empty
        }
    }

    private var moveClock: Route {
        Route(
            .post, "/v1/admin/shops/{shop_id}/clock", "Move a test shop's clock",
            description: "Forward only. What falls due on the way is done in order, before the answer.", tag: Self.tag, access: .admin,
            idempotency: .natural("a clock that stands at the time is not moved"), parameters: [Self.shopID],
            body: .json(.object([.required("now", .time)])),
            answers: [.json(200, "What was done on the way", ClockMove.schema)], problems: [.notFound, .conflict]
        ) { call in
            let move = try await jobs.moveClock(of: try call.parameters.identifier("shop_id"), to: try call.fields.time("now"))
            return .json(200, move.json)
        }
    }

    private var runJob: Route {
        Route(
            .post, "/v1/admin/jobs/{name}/run", "Run a job now, for all shops", tag: Self.tag, access: .admin,
            idempotency: .natural("a job finds nothing to do where it has run"),
            parameters: [.path("name", .identifier, Job.all.map(\.name).joined(separator: ", "))],
            body: .optional(.object([])), answers: [.json(200, "What the job did", JobReport.schema)],
            problems: [.notFound, .conflict], handle: runJobNow)
    }

    private func runJobNow(_ call: Call) async throws -> Response {
        let name = try call.parameters.text("name")
        guard let job = Job.named(name) else { throw Problem(.notFound, "there is no job \(name)") }
        guard let report = try await jobs.run(job) else {
            throw Problem(.conflict, "the job \(name) runs on another instance just now")
        }
        return .json(200, report.json)
    }
}
