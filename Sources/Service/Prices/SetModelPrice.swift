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
                let currency = try Self.shop(tenant.shop, transaction).currency
                do {
                    let price = try request.price(in: currency, at: now)
                    let met = try ModelPricesMet(price, at: now, of: tenant, transaction)
                    if request.effectiveFrom == nil, let current = met.now, current.hasRates(of: price) {
                        return ModelPriceAnswer(price: current, isNew: false)
                    }
                    guard try price.isNew(beside: met) else { return ModelPriceAnswer(price: price, isNew: false) }
                    try ModelPrices.put([price], of: tenant, in: transaction)
                    return ModelPriceAnswer(price: price, isNew: true)
                } catch let refusal as ModelPriceRefusal {
                    throw ServiceError(refusal)
                }
            }
        }
    }

    /// The model's price in force at `time`, nil for now. Throws `notFound` when there is none.
    package func modelPrice(of model: ModelName, at time: Timestamp? = nil, in tenant: Tenant) async throws -> ModelPrice {
        try await read { [clocks] reading in
            let time = try time ?? clocks.now(of: tenant, reading)
            guard let price = try ModelPrices.inForce(model, at: time, of: tenant, reading) else {
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
        case .negativeInput: self = .invalid(field: "input_per_million", expected: "expected an amount that is not negative")
        case .negativeOutput: self = .invalid(field: "output_per_million", expected: "expected an amount that is not negative")
        case .free: self = .invalid(field: "output_per_million", expected: "expected an amount above 0 where input_per_million is 0")
        case .otherCurrency(let own): self = .invalid(field: "currency", expected: "expected the shop's currency, \(own.code)")
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
