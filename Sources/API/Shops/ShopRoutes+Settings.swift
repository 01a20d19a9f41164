import HTTP
import JSON
import Metering
import Service
import Web

/// What a shop is set to: each field that is sent is changed, the others stay.
enum ShopSettingsInput {
    static let schema = Schema.object([
        .optional("name", .string(1...200)),
        .optional("mode", Shop.modeSchema, "Events of Stripe's other mode are ignored."),
    ]).named("ShopSettings")

    static func changes(_ fields: JSON.Object) throws -> ShopChanges {
        ShopChanges(name: try fields.text(ifAny: "name"), mode: try fields.value(ifAny: "mode", Shop.Mode.init(rawValue:)))
    }
}

extension ShopRoutes {
    var patchShop: Route {
        Route(
            .patch, "/v1/admin/shops/{shop_id}", "Change what a shop is set to", tag: Self.tag, access: .admin, parameters: [Self.shopID],
            body: .json(ShopSettingsInput.schema), answers: [.json(200, "The shop", Shop.schema)], problems: [.notFound]
        ) { call in
            .json(
                200,
                try await service.changeShop(try call.parameters.identifier("shop_id"), try ShopSettingsInput.changes(call.fields)).json)
        }
    }

    var getOwn: Route {
        Route(
            .get, "/v1/shop", "What the shop is set to", tag: Self.tag, access: .shop(.manage),
            answers: [.json(200, "The shop", Shop.schema)]
        ) { call in .json(200, try await service.shop(of: call.tenant).json) }
    }

    var patchOwn: Route {
        Route(
            .patch, "/v1/shop", "Change what the shop is set to", tag: Self.tag, access: .shop(.manage),
            body: .json(ShopSettingsInput.schema), answers: [.json(200, "The shop", Shop.schema)]
        ) { call in
            .json(200, try await service.changeShop(of: call.tenant, try ShopSettingsInput.changes(call.fields)).json)
        }
    }
}
