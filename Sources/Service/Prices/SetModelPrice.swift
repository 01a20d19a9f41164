package import Metering
internal import Store

/// A model's price, as it is after it was set.
package struct ModelPriceAnswer: Equatable, Sendable {
    package let price: ModelPrice
    /// False when the price was there already.
    package let isNew: Bool
}

extension ShopMeter {
    /// Adds a price to a model's history. A price that is there from the same instant, or is in force now and sent again without an instant, is
    /// not added. Throws `conflict` for a price that would change the past, `invalid` for one with an amount or currency that the shop
    /// cannot have.
    package func setModelPrice(_ request: ModelPriceRequest, of tenant: Tenant) async throws -> ModelPriceAnswer {
        try await retryingDuplicates {
            try await transaction { [clocks] transaction in
                let now = try clocks.now(of: tenant, transaction)
                let shop = try Self.shop(tenant.shop, transaction)
                do {
                    let price = try request.price(in: shop.currency, at: now, allowingFree: shop.rules.allowsFreeModels)
                    let met = try ModelPricesMet(price, at: now, of: tenant, transaction)
                    if request.effectiveFrom == nil, let current = met.now, current.hasRates(of: price) {
                        return ModelPriceAnswer(price: current, isNew: false)
                    }
                    guard try price.isNew(beside: met) else { return ModelPriceAnswer(price: price, isNew: false) }
                    try ModelPrices.put([price], of: tenant, in: transaction)
                    try AuditTrail.note(.pricePut, price.model.rawValue, at: now, of: tenant, in: transaction)
                    return ModelPriceAnswer(price: price, isNew: true)
                } catch let refusal as ModelPriceRefusal {
                    throw ServiceError(refusal)
                }
            }
        }
    }

    /// The model's price in force at `time`, nil for now, as charges find it (`ModelNames`). Throws `notFound` when there is none.
    package func modelPrice(of model: ModelName, at time: Timestamp? = nil, in tenant: Tenant) async throws -> ModelPrice {
        try await read { [clocks] reading in
            let time = try time ?? clocks.now(of: tenant, reading)
            guard let price = try ModelPrices.found(for: model, at: time, of: tenant, reading) else {
                throw ServiceError.notFound("There is no price of the model \(model) at \(time.rfc3339).")
            }
            return price
        }
    }

    /// The price in force now of each model, in the order of the models' names, after `model`.
    package func modelPrices(in tenant: Tenant, after model: ModelName?, limit: Int) async throws -> [ModelPrice] {
        try await read { [clocks] reading in
            try ModelPrices.list(of: tenant, at: clocks.now(of: tenant, reading), after: model, limit: limit, reading)
        }
    }
}

extension ShopMeter {
    /// Has a name stand for a model, nil for none: it is one more name under which charges find the model's price.
    package func setModelAlias(_ alias: ModelName, to model: ModelName?, of tenant: Tenant) async throws {
        try await retryingDuplicates { try await write { try ModelAliases.set(alias, to: model, of: tenant, $0) } }
    }
}

extension ModelPrices {
    /// The price in force of the first of a model's names that has one.
    static func found(
        for model: ModelName, soldBy provider: String? = nil, at time: Timestamp, of tenant: Tenant, _ reading: Reading
    ) throws -> ModelPrice? {
        if provider == nil, let price = try inForce(model, at: time, of: tenant, reading) { return price }
        let names = try ModelNames.candidates(for: model, soldBy: provider) { try ModelAliases.find($0, of: tenant, reading) }
        for name in names {
            if let price = try inForce(name, at: time, of: tenant, reading) { return price }
        }
        return nil
    }
}

extension ModelPricesMet {
    init(_ price: ModelPrice, at now: Timestamp, of tenant: Tenant, _ reading: Reading) throws {
        let current = try ModelPrices.inForce(price.model, at: now, of: tenant, reading)
        let isNow = price.effectiveFrom == now
        self.init(
            atBeginning: isNow ? current : try ModelPrices.inForce(price.model, at: price.effectiveFrom, of: tenant, reading), now: current)
    }
}

extension ServiceError {
    init(_ refusal: ModelPriceRefusal) {
        switch refusal {
        case .invalid(let field, let expected): self = .invalid(field: field, expected: expected)
        case .empty: self = .invalid(field: "input_per_million", expected: "expected a price of something")
        case .free:
            self = .invalid(
                field: "output_per_million",
                expected: "expected an amount above 0 where input_per_million is 0, as the shop has no free models (allow_free_models)")
        case .otherCurrency(let own): self = .invalid(field: "currency", expected: "expected the shop's currency, \(own.code)")
        case .leap(let factor):
            self = .conflict("The price of \(factor.name) would change from \(factor.old.text) to \(factor.new.text), \(factor.text).")
        case .taken(let other):
            self = .conflict(
                "The model \(other.model) has another price from \(other.effectiveFrom.rfc3339) on, and a price is never changed.")
        case .history(let current):
            self = .conflict(
                "The price of the model \(current.model) in force now began at \(current.effectiveFrom.rfc3339), and none may begin before it."
            )
        }
    }
}
