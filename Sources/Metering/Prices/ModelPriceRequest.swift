/// A price as it is put, before it has a currency and a beginning.
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

    /// The price that is meant, if a shop can have it.
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
    case free
    case otherCurrency(than: Currency)
    /// Another price begins at the same instant.
    case taken(by: ModelPrice)
    /// It would begin before one that is in force by now.
    case history(ModelPrice)
}

/// What a price meets that is put: the model's prices in force at its own beginning, and now.
package struct ModelPricesMet: Equatable, Sendable {
    package let atBeginning: ModelPrice?
    package let now: ModelPrice?

    package init(atBeginning: ModelPrice?, now: ModelPrice?) {
        self.atBeginning = atBeginning
        self.now = now
    }
}

extension ModelPrice {
    /// Whether the price is to be stored; false when it is there already.
    ///
    /// A model's prices are a history that only grows: none is changed or taken away, and none begins before the one that is in force
    /// now. A charge keeps the price that it was made with, so that nothing already charged changes with a price that begins in the past;
    /// and prices that are to come may be put in any order.
    package func isNew(beside met: ModelPricesMet) throws(ModelPriceRefusal) -> Bool {
        if let there = met.atBeginning, there.effectiveFrom == effectiveFrom {
            guard there == self else { throw .taken(by: there) }
            return false
        }
        if let current = met.now, current.effectiveFrom > effectiveFrom { throw .history(current) }
        return true
    }
}
