/// A language model as its maker calls it: 1–128 characters of `A-Z a-z 0-9 . _ : @ / -`, such as `deepseek/deepseek-chat`.
package struct ModelName: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }

    package static let form = IdentifierForm.modelName
}

/// The price of 1,000,000 tokens of a model, from an instant on until the model's next price begins.
package struct ModelPrice: Equatable, Sendable {
    package let model: ModelName
    /// Of the two prices neither is negative, and at most one is 0.
    package let inputPerMillion: Money
    package let outputPerMillion: Money
    package let currency: Currency
    package let effectiveFrom: Timestamp

    package init(model: ModelName, inputPerMillion: Money, outputPerMillion: Money, currency: Currency, effectiveFrom: Timestamp) {
        self.model = model
        self.inputPerMillion = inputPerMillion
        self.outputPerMillion = outputPerMillion
        self.currency = currency
        self.effectiveFrom = effectiveFrom
    }

    /// The name of the rule by which `cost` rounds, as answers say it.
    package static let roundingRule = "half_up_10"

    private static let perTokens: Int128 = 1_000_000

    /// (input tokens × input price + output tokens × output price) ÷ 1,000,000: exact up to the division, which rounds once, half up, to 10
    /// digits after the point. Nothing else rounds a charge.
    ///
    /// Tokens are 0 to 2^53 − 1. A price of 15 digits before the point is below 10^25 units, so that its product with the tokens would
    /// overflow. Therefore each price is divided first, into a quotient below 10^19 and a remainder below 10^6, and both are multiplied by
    /// the tokens: the sums stay below 2 × 10^35, and an Int128 holds 10^38.
    package func cost(inputTokens: Int64, outputTokens: Int64) -> Money {
        let (input, output) = (Int128(inputTokens), Int128(outputTokens))
        let (inputWhole, inputRest) = inputPerMillion.units.quotientAndRemainder(dividingBy: Self.perTokens)
        let (outputWhole, outputRest) = outputPerMillion.units.quotientAndRemainder(dividingBy: Self.perTokens)
        let rest = input * inputRest + output * outputRest
        return Money(units: input * inputWhole + output * outputWhole + rest.roundedQuotient(by: Self.perTokens))
    }

    /// Whether tokens cost the same by both prices.
    package func hasRates(of other: ModelPrice) -> Bool {
        (inputPerMillion, outputPerMillion, currency) == (other.inputPerMillion, other.outputPerMillion, other.currency)
    }
}
