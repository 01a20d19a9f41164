package import JSON
package import Metering
import Service
import Web

extension ModelName: JSONValue {}
extension TokenClass: JSONValue {}
extension ServiceTier: JSONValue {}

extension Schema {
    static let tokenClass = Schema.choice(of: TokenClass.self, named: "TokenClass")
    static let serviceTier = Schema.choice(of: ServiceTier.self, named: "ServiceTier")
}

/// The parts of a model's price, in requests and answers.
private enum Rates {
    private static let step = Schema.object([
        .required("tokens", .quantity, "The size of the prompt, cached tokens among it, above which it counts."),
        .required("per_million", .money),
    ]).named("PriceStep")
    private static let above = Schema.Field.optional(
        "above", .array(of: step, count: 0...TokenRate.maximumSteps), "Other prices of long prompts, by ascending tokens.")
    private static let tier = Schema.object([.required("per_million", .money), above]).named("TierPrice")
    private static let kind = Schema.object([
        .optional("per_million", .nullable(.money), "In the standard tier; for `input` and `output` the one beside `classes`."), above,
        .optional(
            "tiers", .object(ServiceTier.allCases.filter { $0 != .standard }.map { .optional($0.rawValue, tier) }).named("TierPrices")),
    ]).named("TokenPrice")
    static let classes = Schema.object(TokenClass.allCases.map { .optional($0.rawValue, kind) }).named("TokenPrices")
    static let fallbacks = Schema.object(TokenClass.allCases.map { .optional($0.rawValue, .tokenClass) }).named("PriceFallbacks")
    static let units = Schema.object(PriceUnit.allCases.map { .optional($0.rawValue, .money) }).named("UnitPrices")
}

/// A model's price as a client sends it.
enum ModelPriceInput {
    static let schema = Schema.object([
        .required("input_per_million", .nullable(.money), "Null: input has no price, and a use with some is refused."),
        .required("output_per_million", .nullable(.money)),
        .optional("classes", Rates.classes, "Prices of 1,000,000 tokens by class, prompt size and service tier."),
        .optional(
            "fallbacks", Rates.fallbacks, "By a class without a price: the class whose price it has. Without one: 422 `price_missing`."),
        .optional("units", Rates.units),
        .optional("markup_percent", .money, "What charges add to the cost, in percent of it.", default: "0.00"),
        .optional("currency", .currency, "The shop's, which it is when left out."),
        .optional("effective_from", .time, "Now, when left out."), .reason,
    ]).named("ModelPriceInput").sampled([
        "input_per_million": "2.50", "output_per_million": "10.00", "classes": ["cache_read": ["per_million": "1.25"]],
        "markup_percent": "20.00",
    ])

    static func request(_ fields: JSON.Object, for model: ModelName) throws -> ModelPriceRequest {
        ModelPriceRequest(
            model: model, rates: try rates(fields), currency: try fields.value(ifAny: "currency", Currency.init(_:)),
            effectiveFrom: try fields.time(ifAny: "effective_from"))
    }

    private static func rates(_ fields: JSON.Object) throws -> ModelRates {
        let classes = try fields.object(ifAny: "classes") ?? [:]
        var rates = ModelRates(tokens: [:])
        for kind in TokenClass.allCases {
            let base = try standard(kind, of: fields)
            guard let given = try classes.object(ifAny: kind.rawValue) else {
                rates.tokens[ModelRates.Key(kind)] = base.map { TokenRate(perMillion: $0) }
                continue
            }
            try add(kind, given, base: base, to: &rates)
        }
        for field in (try fields.object(ifAny: "fallbacks") ?? [:]).fields {
            if let kind = TokenClass(rawValue: field.name) {
                rates.fallbacks[kind] = field.value.string.flatMap(TokenClass.init(rawValue:))
            }
        }
        for field in (try fields.object(ifAny: "units") ?? [:]).fields {
            if let unit = PriceUnit(rawValue: field.name) { rates.units[unit] = field.value.string.flatMap { Money($0) } }
        }
        rates.markupPercent = try fields.value(ifAny: "markup_percent", Money.init(_:)) ?? .zero
        return rates
    }

    /// The price beside `classes`.
    private static func standard(_ kind: TokenClass, of fields: JSON.Object) throws -> Money? {
        guard kind == .input || kind == .output else { return nil }
        return try fields.value(ifAny: "\(kind.rawValue)_per_million", Money.init(_:))
    }

    private static func add(_ kind: TokenClass, _ given: JSON.Object, base: Money?, to rates: inout ModelRates) throws {
        let field = "classes.\(kind.rawValue)"
        let own = try given.value(ifAny: "per_million", Money.init(_:))
        if let own, kind == .input || kind == .output, own != base {
            throw ServiceError.invalid(
                field: "\(field).per_million", expected: "expected the same as \(kind.rawValue)_per_million, or nothing")
        }
        let above = try steps(given)
        if let price = own ?? base {
            rates.tokens[ModelRates.Key(kind)] = TokenRate(perMillion: price, above: above)
        } else if !above.isEmpty {
            throw ServiceError.invalid(field: "\(field).per_million", expected: "expected a price for prompts below the steps of above")
        }
        for tier in try given.object(ifAny: "tiers")?.fields ?? [] {
            guard let name = ServiceTier(rawValue: tier.name), let fields = tier.value.object else { continue }
            rates.tokens[ModelRates.Key(kind, name)] = TokenRate(
                perMillion: try fields.value("per_million", Money.init(_:)), above: try steps(fields))
        }
    }

    private static func steps(_ fields: JSON.Object) throws -> [TokenRate.Step] {
        try (fields.array(ifAny: "above") ?? []).compactMap(\.object).map {
            TokenRate.Step(above: try $0.integer("tokens"), perMillion: try $0.value("per_million", Money.init(_:)))
        }
    }
}

extension ModelPrice {
    static let (fallbacksSchema, unitsSchema) = (Rates.fallbacks, Rates.units)

    static let schema = Schema.answer([
        .required("model", .modelName), .required("input_per_million", .nullable(.money), "What 1,000,000 tokens of input cost."),
        .required("output_per_million", .nullable(.money), "What 1,000,000 tokens of output cost."), .required("classes", Rates.classes),
        .required("fallbacks", Rates.fallbacks), .required("units", Rates.units), .required("markup_percent", .money),
        .required("currency", .currency), .required("effective_from", .time, "It is in force from then on, until the model's next price."),
    ]).named("ModelPrice")

    package var json: JSON {
        [
            "model": model.json, "input_per_million": inputPerMillion.json, "output_per_million": outputPerMillion.json,
            "classes": .object(rates.classes), "fallbacks": .object(rates.fallbackNames), "units": .object(rates.unitPrices),
            "markup_percent": rates.markupPercent.json, "currency": currency.json, "effective_from": effectiveFrom.json,
        ]
    }
}

extension ModelRates {
    fileprivate var classes: JSON.Object {
        JSON.Object(
            unique: TokenClass.allCases.compactMap { kind in
                let tiers = ServiceTier.allCases.filter { $0 != .standard }.compactMap { tier in
                    self[kind, tier].map { JSON.Object.Field(name: tier.rawValue, value: .object($0.fields)) }
                }
                let standard = self[kind]
                guard standard != nil || !tiers.isEmpty else { return nil }
                let own = standard?.fields ?? ["per_million": .null]
                return JSON.Object.Field(
                    name: kind.rawValue,
                    value: .object(tiers.isEmpty ? own : own.followed(by: ["tiers": .object(JSON.Object(unique: tiers))])))
            })
    }

    fileprivate var fallbackNames: JSON.Object {
        JSON.Object(
            unique: TokenClass.allCases.compactMap { kind in
                fallbacks[kind].map { JSON.Object.Field(name: kind.rawValue, value: $0.json) }
            })
    }

    fileprivate var unitPrices: JSON.Object {
        JSON.Object(
            unique: PriceUnit.allCases.compactMap { unit in units[unit].map { JSON.Object.Field(name: unit.rawValue, value: $0.json) } })
    }
}

extension TokenRate {
    fileprivate var fields: JSON.Object {
        let own: JSON.Object = ["per_million": perMillion.json]
        guard !above.isEmpty else { return own }
        return own.followed(by: ["above": .array(above.map { ["tokens": $0.tokens.json, "per_million": $0.perMillion.json] })])
    }
}
