/// A language model as its maker calls it: 1–128 characters of `A-Z a-z 0-9 . _ : @ / -`, such as `deepseek/deepseek-chat`.
package struct ModelName: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }

    package static let form = IdentifierForm.modelName
}

/// What a model costs, from an instant on until the model's next price begins.
package struct ModelPrice: Equatable, Sendable {
    package let model: ModelName
    package let rates: ModelRates
    package let currency: Currency
    package let effectiveFrom: Timestamp

    package init(model: ModelName, rates: ModelRates, currency: Currency, effectiveFrom: Timestamp) {
        self.model = model
        self.rates = rates
        self.currency = currency
        self.effectiveFrom = effectiveFrom
    }

    package init(model: ModelName, inputPerMillion: Money, outputPerMillion: Money, currency: Currency, effectiveFrom: Timestamp) {
        self.init(
            model: model, rates: ModelRates(inputPerMillion: inputPerMillion, outputPerMillion: outputPerMillion), currency: currency,
            effectiveFrom: effectiveFrom)
    }

    /// What 1,000,000 tokens of input cost in the standard tier below every step; nil where they have no price.
    package var inputPerMillion: Money? { rates[.input]?.perMillion }
    package var outputPerMillion: Money? { rates[.output]?.perMillion }

    /// Whether a use costs the same by both prices.
    package func hasRates(of other: ModelPrice) -> Bool { rates == other.rates && currency == other.currency }
}
