package import JSON
package import Metering
import Web

extension ModelName: JSONValue {}

/// A model's price as a client sends it.
enum ModelPriceInput {
    static let schema = Schema.object([
        .required("input_per_million", .money), .required("output_per_million", .money, "One of the two is above 0."),
        .optional("currency", .currency, "The shop's, which it is when left out."),
        .optional("effective_from", .time, "Now, when left out."),
    ]).named("ModelPriceInput")

    static func request(_ fields: JSON.Object, for model: ModelName) throws -> ModelPriceRequest {
        ModelPriceRequest(
            model: model, inputPerMillion: try fields.value("input_per_million", Money.init(_:)),
            outputPerMillion: try fields.value("output_per_million", Money.init(_:)),
            currency: try fields.value(ifAny: "currency", Currency.init(_:)), effectiveFrom: try fields.time(ifAny: "effective_from"))
    }
}

extension ModelPrice {
    static let schema = Schema.answer([
        .required("model", .modelName), .required("input_per_million", .money, "What 1,000,000 tokens of input cost."),
        .required("output_per_million", .money, "What 1,000,000 tokens of output cost."), .required("currency", .currency),
        .required("effective_from", .time, "It is in force from then on, until the model's next price."),
    ]).named("ModelPrice")

    package var json: JSON {
        [
            "model": model.json, "input_per_million": inputPerMillion.json, "output_per_million": outputPerMillion.json,
            "currency": currency.json, "effective_from": effectiveFrom.json,
        ]
    }
}
