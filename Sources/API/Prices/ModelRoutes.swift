import HTTP
import JSON
import Metering
import Service
import Web

/// The prices of a shop's language models.
struct ModelRoutes: Sendable {
    let service: ShopMeter

    static let tag = "models"
    private static let model = Parameter.path("model", .modelName, "A `/` in it is written as `%2F`.")

    var all: [Route] { [put, list, get] }

    private var put: Route {
        Route(
            .put, "/v1/models/{model}/price", "Set what a model costs",
            description:
                "A model's prices are a history: none is changed, and none begins before the one in force now. Charges keep theirs.",
            tag: Self.tag, access: .shop(.billing), parameters: [Self.model], body: .json(ModelPriceInput.schema),
            answers: [
                .json(201, "The price is stored", ModelPrice.schema), .json(200, "The model had this price already", ModelPrice.schema),
            ],
            problems: [.conflict]
        ) { call in
            let request = try ModelPriceInput.request(call.fields, for: try call.parameters.identifier("model"))
            let put = try await service.setModelPrice(request, of: call.tenant)
            return .json(put.isNew ? 201 : 200, put.price.json)
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/models", "The models that have a price now", tag: Self.tag, access: .shop(.billing), parameters: Page.parameters,
            answers: [.json(200, "Their prices in the order of their names", Page.schema(of: ModelPrice.schema))], handle: listPrices)
    }

    private func listPrices(_ call: Call) async throws -> Response {
        try await call.answer("models", keyedBy: .id(.modelName), key: \ModelPrice.model, json: \.json) { last, limit in
            try await service.modelPrices(in: call.tenant, after: last, limit: limit)
        }
    }

    private var get: Route {
        Route(
            .get, "/v1/models/{model}/price", "What a model costs", tag: Self.tag, access: .shop(.billing),
            parameters: [Self.model, .query("at", .time, "Now, when left out.")],
            answers: [.json(200, "The price in force then", ModelPrice.schema)], problems: [.notFound]
        ) { call in
            let price = try await service.modelPrice(
                of: try call.parameters.identifier("model"), at: try call.parameters.time(ifAny: "at"), in: call.tenant)
            return .json(200, price.json)
        }
    }
}
