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

    var all: [Route] { [put, list, get, alias] }

    private var put: Route {
        Route(
            .put, "/v1/models/{model}/price", id: "putModelPrice", "Set what a model costs",
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

    /// The rule of `ModelNames`, for clients.
    private static let names = """
        A model is found by its name; by the model for which the shop made the name an alias; without a maker's prefix (`openai/gpt-4o`: `gpt-4o`); \
        and without a date at the end (`gpt-4o-2024-08-06`: `gpt-4o`). What is found by none of these has no price.
        """

    private var alias: Route {
        let answer = Schema.answer([.required("alias", .modelName), .required("model", .nullable(.modelName))]).named("ModelAlias")
        return Route(
            .put, "/v1/models/{model}/alias", id: "putModelAlias", "Have a name stand for a model",
            description: "It is one more name under which the model's price is found; null takes it away.", tag: Self.tag,
            access: .shop(.billing), parameters: [Self.model], body: .json(.object([.required("model", .nullable(.modelName))])),
            answers: [.json(200, "What the name stands for", answer)]
        ) { call in
            let (alias, model): (ModelName, ModelName?) = (
                try call.parameters.identifier("model"), try call.fields.identifier(ifAny: "model")
            )
            try await service.setModelAlias(alias, to: model, of: call.tenant)
            return .json(200, ["alias": alias.json, "model": model.json])
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/models", id: "listModels", "The models that have a price now", tag: Self.tag, access: .shop(.billingRead),
            parameters: Page.parameters,
            answers: [.json(200, "Their prices in the order of their names", Page.schema(of: ModelPrice.schema))], handle: listPrices)
    }

    private func listPrices(_ call: Call) async throws -> Response {
        try await call.answer("models", keyedBy: .id(.modelName), key: \ModelPrice.model, json: \.json) { last, limit in
            try await service.modelPrices(in: call.tenant, after: last, limit: limit)
        }
    }

    private var get: Route {
        Route(
            .get, "/v1/models/{model}/price", id: "getModelPrice", "What a model costs", description: ModelRoutes.names, tag: Self.tag,
            access: .shop(.billingRead),
            parameters: [Self.model, .query("at", .time, "Now, when left out.")],
            answers: [.json(200, "The price in force then", ModelPrice.schema)], problems: [.notFound]
        ) { call in
            let price = try await service.modelPrice(
                of: try call.parameters.identifier("model"), at: try call.parameters.time(ifAny: "at"), in: call.tenant)
            return .json(200, price.json)
        }
    }
}
