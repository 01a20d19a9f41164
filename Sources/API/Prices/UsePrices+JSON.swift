import JSON
import Metering
import Web

/// What a use of a model was made of, and what each part of it cost.
enum PricedUse {
    static let fields: [Schema.Field] = [
        .required("price_model", .modelName, "The model whose price it is: `model`, or what its name stands for."),
        .required("service_tier", .serviceTier), .required("tokens", tokensSchema, "By class, those that were used."),
        .required("costs", costs, "By class and unit. Each is rounded by itself; `cost` is their exact sum, rounded once."),
        .required("markup_percent", .money, "What the shop adds; it is in every cost but `own_cost`."),
        .required("own_cost", .money, "What it costs the shop."),
    ]

    static let tokensSchema = Schema.answer(TokenClass.allCases.map { .optional($0.rawValue, .quantity) }).named("TokensByClass")

    private static let cost = Schema.answer([
        .required("tokens", .quantity), .required("per_million", .money, "With the markup on it."), .required("cost", .money),
        .required("tier", .serviceTier, "Whose price it is: the use's, or `standard` where the model has no other."),
        .optional("above", .quantity, "The size that the prompt passed."),
        .optional("fallback", .tokenClass, "The class whose price it is, as this one has none."),
    ]).named("ClassCost")
    private static let unitCost = Schema.answer([
        .required("count", .number), .required("price", .money, "With the markup on it."), .required("cost", .money),
    ]).named("UnitCost")
    private static let costs = Schema.answer(
        TokenClass.allCases.map { .optional($0.rawValue, cost) } + PriceUnit.allCases.map { .optional($0.rawValue, unitCost) }
    ).named("CostsByClass")

    /// The fields of a use at its prices.
    static func json(_ use: ModelUse, at prices: UsePrices) -> JSON.Object {
        let own = prices.ownCost(of: use)
        return [
            "price_model": prices.model.json, "service_tier": use.tier.json, "tokens": .object(tokens(of: use)),
            "costs": .object(costs(of: use, at: prices)), "markup_percent": prices.markupPercent.json, "own_cost": own.walletJSON,
        ]
    }

    static func tokens(of use: ModelUse) -> JSON.Object {
        JSON.Object(
            unique: TokenClass.allCases.filter { use.tokens($0) > 0 }.map {
                JSON.Object.Field(name: $0.rawValue, value: use.tokens($0).json)
            })
    }

    private static func costs(of use: ModelUse, at prices: UsePrices) -> JSON.Object {
        let classes = prices.classes.filter { use.tokens($0.kind) > 0 }.map { price in
            var fields: JSON.Object = [
                "tokens": use.tokens(price.kind).json, "per_million": prices.sold(price.perMillion).json,
                "cost": prices.cost(of: price, in: use).walletJSON, "tier": price.tier.json,
            ]
            if let above = price.above { fields["above"] = above.json }
            if let fallback = price.fallback { fields["fallback"] = fallback.json }
            return JSON.Object.Field(name: price.kind.rawValue, value: .object(fields))
        }
        let units = PriceUnit.allCases.compactMap { unit in
            prices.units[unit].map { price in
                let count = Money(units: Int128(use.count(of: unit)) * (Money.unitsPerOne / 1_000))
                let fields: JSON.Object = [
                    "count": .number(count.text(digits: 1)), "price": prices.sold(price).json,
                    "cost": prices.cost(of: unit, in: use).walletJSON,
                ]
                return JSON.Object.Field(name: unit.rawValue, value: .object(fields))
            }
        }
        return JSON.Object(unique: classes + units)
    }
}
