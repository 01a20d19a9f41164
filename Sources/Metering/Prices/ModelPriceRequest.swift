/// A price as a client puts it, before it has a currency and a beginning.
package struct ModelPriceRequest: Equatable, Sendable {
    package let model: ModelName
    package let inputPerMillion: Money
    package let outputPerMillion: Money
    /// Nil: the shop's.
    package let currency: Currency?
    /// Nil: now.
    package let effectiveFrom: Timestamp?

    package init(
        model: ModelName, inputPerMillion: Money, outputPerMillion: Money, currency: Currency? = nil, effectiveFrom: Timestamp? = nil
    ) {
        self.model = model
        self.inputPerMillion = inputPerMillion
        self.outputPerMillion = outputPerMillion
        self.currency = currency
        self.effectiveFrom = effectiveFrom
    }

    /// The price that the request means, for a shop of that currency. Throws when an amount is negative, when both are 0, or when the
    /// request names another currency.
    package func price(in shopCurrency: Currency, at now: Timestamp) throws(ModelPriceRefusal) -> ModelPrice {
        if inputPerMillion < .zero { throw .negativeInput }
        if outputPerMillion < .zero { throw .negativeOutput }
        if inputPerMillion == .zero, outputPerMillion == .zero { throw .free }
        if let currency, currency != shopCurrency { throw .otherCurrency(than: shopCurrency) }
        return ModelPrice(
            model: model, inputPerMillion: inputPerMillion, outputPerMillion: outputPerMillion, currency: shopCurrency,
            effectiveFrom: effectiveFrom ?? now)
    }
}

/// Why a price is not taken.
package enum ModelPriceRefusal: Error, Equatable, Sendable {
    case negativeInput
    case negativeOutput
    /// Both amounts are 0.
    case free
    case otherCurrency(than: Currency)
    /// Another price begins at the same instant.
    case taken(by: ModelPrice)
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
