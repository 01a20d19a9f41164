import HTTP
import JSON
import Metering
import Service
import Web

/// Shops, their keys and their secrets, for the platform's operator.
struct ShopRoutes: Sendable {
    let service: ShopMeter

    static let tag = "platform"
    static let shopID = Parameter.path("shop_id")

    var all: [Route] {
        [postShop, getShops, getShop, patchShop, getOwn, patchOwn, postKey, getKeys, rotateKey, deleteKey, rotateSecret, putStripeSecret]
    }

    private var postShop: Route {
        Route(
            .post, "/v1/admin/shops", id: "createShop", "Make a shop", tag: Self.tag, access: .admin,
            // The body always has a `shop_id`, so that the key never counts.
            idempotency: .id("shop_id", orKey: true),
            body: .json(
                .object([
                    .required("shop_id", .identifier), .required("name", .string(1...200)), .required("currency", .currency),
                    .optional("clock", Shop.clockSchema, "A `test` shop's time is set by hand.", default: "live"), .reason,
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
        return .json(created.isDuplicate ? 200 : 201, created.json(shop: json(created.shop)))
    }

    private var getShops: Route {
        Route(
            .get, "/v1/admin/shops", id: "listShops", "The shops", tag: Self.tag, access: .admin, parameters: Page.parameters,
            answers: [.json(200, "Shops in the order of their ids", Page.schema(of: Shop.schema))], handle: listShops)
    }

    private func listShops(_ call: Call) async throws -> Response {
        try await call.answer("shops", keyedBy: .id, key: \Shop.id, json: json) { last, limit in
            try await service.shops(after: last, limit: limit)
        }
    }

    private var getShop: Route {
        Route(
            .get, "/v1/admin/shops/{shop_id}", id: "getShop", "A shop", tag: Self.tag, access: .admin, parameters: [Self.shopID],
            answers: [.json(200, "The shop", Shop.schema)], problems: [.notFound]
        ) { call in .json(200, json(try await service.shop(try call.parameters.identifier("shop_id")))) }
    }
}
