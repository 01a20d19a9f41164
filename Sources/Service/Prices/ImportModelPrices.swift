package import Metering
internal import Store

/// How a price of an import compares with those that the shop has.
package enum ModelPriceFinding: Sendable {
    /// The model had no price at that instant.
    case new(ModelPrice)
    case changed(from: ModelPrice, to: ModelPrice)
    /// The model has these rates already.
    case unchanged
    case refused(ServiceError)

    /// The price to store, nil when there is none.
    fileprivate var stored: ModelPrice? {
        switch self {
        case .new(let price), .changed(_, let price): price
        case .unchanged, .refused: nil
        }
    }

    package var isRefused: Bool { if case .refused = self { true } else { false } }
}

/// Which prices an import stores.
package enum ModelPriceStoring: Sendable {
    case nothing
    /// All of them, or none when a price is refused.
    case whole
    /// Those that are not refused.
    case whatIsGood
}

extension ShopMeter {
    /// The maximum of prices in one import, as they are stored in one transaction.
    package static let maximumModelPrices = 10_000

    /// Sets prices of different models by the rules of `setModelPrice`, in one transaction. Rates that a model has already at that instant are not
    /// stored again. The findings are in the order of the requests; with `.nothing` they say what an import would do.
    package func importModelPrices(
        _ requests: [ModelPriceRequest], of tenant: Tenant, storing: ModelPriceStoring
    ) async throws -> [ModelPriceFinding] {
        guard requests.count <= Self.maximumModelPrices else {
            throw ServiceError.invalid(field: "models", expected: "expected at most \(Self.maximumModelPrices) at once")
        }
        return try await retryingDuplicates {
            try await transaction { [clocks] transaction in
                let now = try clocks.now(of: tenant, transaction)
                let currency = try Self.shop(tenant.shop, transaction).currency
                let findings = try requests.map { request in
                    try ModelPriceFinding(request, in: currency, at: now, of: tenant, transaction)
                }
                let prices = findings.compactMap(\.stored)
                if storing == .nothing || prices.isEmpty || storing == .whole && findings.contains(where: \.isRefused) { return findings }
                try ModelPrices.put(prices, of: tenant, in: transaction)
                return findings
            }
        }
    }
}

extension ModelPriceFinding {
    fileprivate init(
        _ request: ModelPriceRequest, in currency: Currency, at now: Timestamp, of tenant: Tenant, _ reading: Reading
    ) throws {
        do {
            let price = try request.price(in: currency, at: now)
            let met = try ModelPricesMet(price, at: now, of: tenant, reading)
            if let before = met.atBeginning, before.hasRates(of: price) {
                self = .unchanged
            } else {
                // The price is new, as the same price at the same instant would have the same rates.
                _ = try price.isNew(beside: met)
                self = met.atBeginning.map { .changed(from: $0, to: price) } ?? .new(price)
            }
        } catch let refusal as ModelPriceRefusal {
            self = .refused(ServiceError(refusal))
        }
    }
}
