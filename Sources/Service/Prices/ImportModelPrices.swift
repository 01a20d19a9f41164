package import Metering
internal import Store

/// How a price of an import compares with those that the shop has.
package enum ModelPriceFinding: Sendable {
    /// The model had no price at that instant.
    case new(ModelPrice)
    case changed(PriceChange)
    /// The model has these rates already.
    case unchanged
    /// The model costs nothing, and the shop has no free models: it is not stored, and not an error of the file.
    case free
    case refused(ServiceError)

    /// The price to store, nil when there is none.
    fileprivate var stored: ModelPrice? {
        switch self {
        case .new(let price): price
        case .changed(let change): change.new
        case .unchanged, .free, .refused: nil
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

    /// Sets prices of different models by the rules of `setModelPrice`, in one transaction. Each keeps the markup that the model has. Rates that a
    /// model has already at that instant are not stored again. The findings are in the order of the requests; with `.nothing` they say what an
    /// import would do.
    /// - Parameters:
    ///   - effectiveFrom: nil: now.
    ///   - accepting: whether a price may change by more than `PriceChange.bound` times.
    package func importModelPrices(
        _ requests: [ModelPriceRequest], of tenant: Tenant, from effectiveFrom: Timestamp? = nil, storing: ModelPriceStoring,
        accepting: Bool = false
    ) async throws -> [ModelPriceFinding] {
        guard requests.count <= Self.maximumModelPrices else {
            throw ServiceError.invalid(field: "models", expected: "expected at most \(Self.maximumModelPrices) at once")
        }
        return try await retryingDuplicates {
            try await transaction { [clocks] transaction in
                let now = try clocks.now(of: tenant, transaction)
                let comparison = try PriceImport(
                    into: Self.shop(tenant.shop, transaction), at: now, from: effectiveFrom ?? now, accepting: accepting, transaction)
                let findings = requests.map(comparison.finding)
                let prices = findings.compactMap(\.stored)
                if storing == .nothing || prices.isEmpty || storing == .whole && findings.contains(where: \.isRefused) { return findings }
                try ModelPrices.put(prices, of: tenant, in: transaction)
                return findings
            }
        }
    }
}

/// The prices that an import's are held against: all that are in force when they begin, and all that are in force now.
private struct PriceImport {
    let shop: Shop
    let now: Timestamp
    let accepting: Bool
    let effectiveFrom: Timestamp
    let current: [ModelName: ModelPrice]
    let atBeginning: [ModelName: ModelPrice]

    init(into shop: Shop, at now: Timestamp, from effectiveFrom: Timestamp, accepting: Bool, _ reading: Reading) throws {
        self.shop = shop
        self.now = now
        self.accepting = accepting
        self.effectiveFrom = effectiveFrom
        current = try Self.prices(of: shop, at: now, reading)
        atBeginning = effectiveFrom == now ? current : try Self.prices(of: shop, at: effectiveFrom, reading)
    }

    private static func prices(of shop: Shop, at time: Timestamp, _ reading: Reading) throws -> [ModelName: ModelPrice] {
        var (prices, last) = ([ModelName: ModelPrice](), ModelName?.none)
        repeat {
            let page = try ModelPrices.list(of: shop.tenant, at: time, after: last, limit: 1_000, reading)
            for price in page { prices[price.model] = price }
            last = page.last?.model
        } while last != nil
        return prices
    }

    func finding(_ request: ModelPriceRequest) -> ModelPriceFinding {
        let met = ModelPricesMet(atBeginning: atBeginning[request.model], now: current[request.model])
        var request = request
        if let before = met.atBeginning { request.rates.markupPercent = before.rates.markupPercent }
        do throws(ModelPriceRefusal) {
            let price = try request.price(in: shop.currency, at: effectiveFrom, allowingFree: shop.rules.allowsFreeModels)
            guard let before = met.atBeginning else {
                _ = try price.isNew(beside: met)
                return .new(price)
            }
            if before.hasRates(of: price) { return .unchanged }
            // The price is new, as the same price at the same instant would have the same rates.
            _ = try price.isNew(beside: met)
            let change = PriceChange(from: before, to: price)
            if let leap = change.leap, !accepting { throw .leap(leap) }
            return .changed(change)
        } catch {
            return error == .free ? .free : .refused(ServiceError(error))
        }
    }
}
