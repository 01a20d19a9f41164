/// What 1,000,000 tokens of one class cost in one service tier, by the size of the prompt.
package struct TokenRate: Equatable, Sendable {
    /// The price for a prompt of more than `tokens`, in place of those before it.
    package struct Step: Equatable, Sendable {
        package let tokens: Quantity
        package let perMillion: Money

        package init(above tokens: Quantity, perMillion: Money) {
            self.tokens = tokens
            self.perMillion = perMillion
        }
    }

    package let perMillion: Money
    /// By ascending tokens; at most `maximumSteps`.
    package let above: [Step]

    package static let maximumSteps = 8

    package init(perMillion: Money, above: [Step] = []) {
        self.perMillion = perMillion
        self.above = above
    }

    /// The step of a prompt of that many tokens; nil for one below every step.
    package func step(for prompt: Quantity) -> Step? { above.last { $0.tokens < prompt } }

    fileprivate var isFree: Bool { perMillion == .zero && above.allSatisfy { $0.perMillion == .zero } }
}

/// What the use of a model costs: a rate by class of token and service tier, prices of other units, and what a shop puts on top.
package struct ModelRates: Equatable, Sendable {
    package struct Key: Hashable, Sendable {
        package let kind: TokenClass
        package let tier: ServiceTier

        package init(_ kind: TokenClass, _ tier: ServiceTier = .standard) {
            self.kind = kind
            self.tier = tier
        }
    }

    package var tokens: [Key: TokenRate]
    /// For a class without a rate: the class whose rate it has. What is in neither has no price.
    package var fallbacks: [TokenClass: TokenClass]
    package var units: [PriceUnit: Money]
    /// What the shop adds to the cost, in percent of it: 0 to `maximumMarkup`.
    package var markupPercent: Money

    package static let maximumMarkup = Money(units: 10_000 * Money.unitsPerOne)

    package init(
        tokens: [Key: TokenRate], fallbacks: [TokenClass: TokenClass] = [:], units: [PriceUnit: Money] = [:], markupPercent: Money = .zero
    ) {
        self.tokens = tokens
        self.fallbacks = fallbacks
        self.units = units
        self.markupPercent = markupPercent
    }

    package init(inputPerMillion: Money, outputPerMillion: Money) {
        self.init(tokens: [Key(.input): TokenRate(perMillion: inputPerMillion), Key(.output): TokenRate(perMillion: outputPerMillion)])
    }

    package subscript(_ kind: TokenClass, _ tier: ServiceTier = .standard) -> TokenRate? { tokens[Key(kind, tier)] }

    /// Whether no token costs anything.
    var hasFreeTokens: Bool { tokens.values.allSatisfy(\.isFree) }

    /// Whether nothing in it is above 0.
    package var isFree: Bool { hasFreeTokens && units.values.allSatisfy { $0 == .zero } }

    /// The rate of a class in a tier, and whose it is: the class's own, else that of its fallback, or of the fallback's; of each in the tier,
    /// else in the standard one. Nil when none has any.
    package func rate(of kind: TokenClass, in tier: ServiceTier) -> (rate: TokenRate, of: Key)? {
        var kind = kind
        for _ in TokenClass.allCases {
            for tier in [tier, .standard] {
                if let rate = self[kind, tier] { return (rate, Key(kind, tier)) }
            }
            guard let next = fallbacks[kind] else { return nil }
            kind = next
        }
        return nil
    }
}

extension ModelRates {
    /// Where every maker known bills a class that it has no price for.
    package static let usualFallbacks: [TokenClass: TokenClass] = [
        .reasoning: .output, .cacheRead: .input, .cacheWrite: .input, .cacheWriteHour: .cacheWrite, .inputAudio: .input,
        .inputImage: .input,
        .inputVideo: .input, .outputAudio: .output, .outputImage: .output, .outputVideo: .output, .cacheReadAudio: .cacheRead,
        .cacheReadImage: .cacheRead,
    ]

    /// Refuses rates that say nothing or contradict themselves, by the field's name in a request.
    func check(allowingFree: Bool) throws(ModelPriceRefusal) {
        for (key, rate) in tokens.sorted(by: { ($0.key.kind.rawValue, $0.key.tier.rawValue) < ($1.key.kind.rawValue, $1.key.tier.rawValue) }
        ) {
            try rate.check(at: key)
        }
        for (unit, price) in units where price < .zero {
            throw .invalid(field: "units.\(unit.rawValue)", expected: "expected an amount that is not negative")
        }
        guard (.zero...Self.maximumMarkup).contains(markupPercent) else {
            throw .invalid(field: "markup_percent", expected: "expected a percentage from 0 to 10000")
        }
        for kind in TokenClass.allCases {
            guard fallbacks[kind] != nil else { continue }
            guard rate(of: kind, in: .standard) != nil || ServiceTier.allCases.contains(where: { rate(of: kind, in: $0) != nil }) else {
                throw .invalid(
                    field: "fallbacks.\(kind.rawValue)", expected: "expected a class that has a price, or whose fallback has one")
            }
        }
        guard !tokens.isEmpty || !units.isEmpty else { throw .empty }
        if isFree, !allowingFree { throw .free }
    }
}

extension TokenRate {
    fileprivate func check(at key: ModelRates.Key) throws(ModelPriceRefusal) {
        guard perMillion >= .zero, above.allSatisfy({ $0.perMillion >= .zero }) else {
            let field = key.tier == .standard && [.input, .output].contains(key.kind) ? "\(key.kind.rawValue)_per_million" : key.field
            throw .invalid(field: field, expected: "expected an amount that is not negative")
        }
        guard above.count <= Self.maximumSteps, zip(above, above.dropFirst()).allSatisfy({ $0.tokens < $1.tokens }) else {
            throw .invalid(field: "\(key.field).above", expected: "expected at most \(Self.maximumSteps) steps with ascending tokens")
        }
    }
}

extension ModelRates.Key {
    /// As a request calls it.
    fileprivate var field: String { tier == .standard ? "classes.\(kind.rawValue)" : "classes.\(kind.rawValue).tiers.\(tier.rawValue)" }
}
