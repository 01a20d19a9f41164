/// A price as a client puts it, before it has a currency and a beginning.
package struct ModelPriceRequest: Equatable, Sendable {
    package let model: ModelName
    package var rates: ModelRates
    /// Nil: the shop's.
    package let currency: Currency?
    /// Nil: now.
    package let effectiveFrom: Timestamp?

    package init(model: ModelName, rates: ModelRates, currency: Currency? = nil, effectiveFrom: Timestamp? = nil) {
        self.model = model
        self.rates = rates
        self.currency = currency
        self.effectiveFrom = effectiveFrom
    }

    package init(
        model: ModelName, inputPerMillion: Money, outputPerMillion: Money, currency: Currency? = nil, effectiveFrom: Timestamp? = nil
    ) {
        self.init(
            model: model, rates: ModelRates(inputPerMillion: inputPerMillion, outputPerMillion: outputPerMillion), currency: currency,
            effectiveFrom: effectiveFrom)
    }

    /// The price that the request means, for a shop of that currency. Throws when the rates are none, when nothing in them is above 0 and the
    /// shop has no free models, or when the request names another currency.
    package func price(in shopCurrency: Currency, at now: Timestamp, allowingFree: Bool = false) throws(ModelPriceRefusal) -> ModelPrice {
        try rates.check(allowingFree: allowingFree)
        if let currency, currency != shopCurrency { throw .otherCurrency(than: shopCurrency) }
        return ModelPrice(model: model, rates: rates, currency: shopCurrency, effectiveFrom: effectiveFrom ?? now)
    }
}

/// Why a price is not taken.
package enum ModelPriceRefusal: Error, Equatable, Sendable {
    /// A part of it, by its name in a request, is not what it must be.
    case invalid(field: String, expected: String)
    /// It has no price of anything.
    case empty
    /// Nothing in it is above 0, and the shop has no free models.
    case free
    case otherCurrency(than: Currency)
    /// Another price begins at the same instant.
    case taken(by: ModelPrice)
    /// A rate changes by more than an import may without being asked.
    case leap(PriceChange.Factor)
    /// The price would begin before the one that is in force now.
    case history(ModelPrice)
}

/// The prices of a model that a new price of it is held against.
package struct ModelPricesMet: Equatable, Sendable {
    /// The price in force at the new one's beginning; nil when there is none by then.
    package let atBeginning: ModelPrice?
    /// The price in force now; nil when there is none yet.
    package let now: ModelPrice?

    package init(atBeginning: ModelPrice?, now: ModelPrice?) {
        self.atBeginning = atBeginning
        self.now = now
    }
}

extension ModelPrice {
    /// Whether the price is to be stored; false when it is there already.
    ///
    /// A model's prices are a history that only grows: none is changed or taken away, and none begins before the price that is in force
    /// now. It may begin in the past after that: charges keep the price that they were made with. Prices of the future may be put in any
    /// order.
    package func isNew(beside met: ModelPricesMet) throws(ModelPriceRefusal) -> Bool {
        if let there = met.atBeginning, there.effectiveFrom == effectiveFrom {
            guard there == self else { throw .taken(by: there) }
            return false
        }
        if let current = met.now, current.effectiveFrom > effectiveFrom { throw .history(current) }
        return true
    }
}
