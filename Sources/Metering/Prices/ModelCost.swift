/// The price of one class of tokens in a use, as it was found.
package struct ClassPrice: Equatable, Sendable {
    package let kind: TokenClass
    /// What 1,000,000 tokens cost the shop.
    package let perMillion: Money
    /// The tier whose price it is: the use's, or the standard one, where the model has no other.
    package let tier: ServiceTier
    /// The size that the prompt passed; nil for a prompt below every step.
    package let above: Quantity?
    /// The class whose price it is; nil for the class's own.
    package let fallback: TokenClass?

    package init(_ kind: TokenClass, perMillion: Money, tier: ServiceTier = .standard, above: Quantity? = nil, fallback: TokenClass? = nil)
    {
        self.kind = kind
        self.perMillion = perMillion
        self.tier = tier
        self.above = above
        self.fallback = fallback
    }
}

/// The prices of a use of a model, which a charge keeps, so that its cost can be worked out again whatever the model costs later.
package struct UsePrices: Equatable, Sendable {
    /// The model whose price it is: the one that was named, or the one that its name stands for.
    package let model: ModelName
    /// Of every class that was used, and of `input` and `output` in any case where the model has a price for them; in the order of the classes.
    package let classes: [ClassPrice]
    /// Of every unit that was used.
    package let units: [PriceUnit: Money]
    package let markupPercent: Money
    package let currency: Currency
    package let effectiveFrom: Timestamp

    package init(
        model: ModelName, classes: [ClassPrice], units: [PriceUnit: Money] = [:], markupPercent: Money = .zero, currency: Currency,
        effectiveFrom: Timestamp
    ) {
        self.model = model
        self.classes = classes
        self.units = units
        self.markupPercent = markupPercent
        self.currency = currency
        self.effectiveFrom = effectiveFrom
    }

    /// Whether nothing that was used has a price above 0.
    package var isFree: Bool { classes.allSatisfy { $0.perMillion == .zero } && units.values.allSatisfy { $0 == .zero } }

    package subscript(_ kind: TokenClass) -> ClassPrice? { classes.first { $0.kind == kind } }
}

/// A model has no price for something that was used.
package struct PriceMissing: Error, Hashable, Sendable {
    package let model: ModelName
    /// The class of tokens, or the unit, by its name in a price.
    package let kind: String

    package init(model: ModelName, kind: String) {
        self.model = model
        self.kind = kind
    }
}

extension ModelPrice {
    /// The prices of what was used. Nothing that was used is ever without one: it has its own, or that of the class that `fallbacks` names.
    package func prices(of use: ModelUse) throws(PriceMissing) -> UsePrices {
        var classes: [ClassPrice] = []
        for kind in TokenClass.allCases {
            let isUsed = use.tokens(kind) > 0
            guard isUsed || kind == .input || kind == .output else { continue }
            guard let found = rates.rate(of: kind, in: use.tier) else {
                if isUsed { throw PriceMissing(model: model, kind: kind.rawValue) }
                continue
            }
            let step = found.rate.step(for: use.prompt)
            classes.append(
                ClassPrice(
                    kind, perMillion: step?.perMillion ?? found.rate.perMillion, tier: found.of.tier, above: step?.tokens,
                    fallback: found.of.kind == kind ? nil : found.of.kind))
        }
        return UsePrices(
            model: model, classes: classes, units: try unitPrices(of: use), markupPercent: rates.markupPercent, currency: currency,
            effectiveFrom: effectiveFrom)
    }

    /// A request costs nothing where the model has no price for it. Where only units have a price above 0, each of them must be counted: tokens that
    /// cost nothing are no reason to give the rest away.
    private func unitPrices(of use: ModelUse) throws(PriceMissing) -> [PriceUnit: Money] {
        var prices: [PriceUnit: Money] = [:]
        for unit in PriceUnit.allCases {
            if let price = rates.units[unit] {
                if unit == .request || use.thousandths[unit] != nil {
                    prices[unit] = price
                } else if price > .zero, rates.hasFreeTokens {
                    throw PriceMissing(model: model, kind: unit.rawValue)
                }
            } else if unit != .request, use.thousandths[unit] != nil {
                throw PriceMissing(model: model, kind: unit.rawValue)
            }
        }
        return prices
    }
}

extension UsePrices {
    /// The name of the rule by which `cost` rounds, as answers say it.
    package static let roundingRule = "half_up_10"

    /// What the use costs who used it: (Σ tokens × price per million ÷ 1,000,000 + Σ units × price) × (100 + markup) ÷ 100. Exact up to the
    /// division, which rounds once, half up, to 10 digits after the point. Nothing else rounds a charge.
    package func cost(of use: ModelUse) -> Money { total(of: use).money(markedUpBy: markupPercent) }

    /// What the use costs the shop: `cost` without the markup.
    package func ownCost(of use: ModelUse) -> Money { total(of: use).money(markedUpBy: .zero) }

    /// The part of one class, rounded by itself: for show, as the parts' sum may differ from `cost` in the last digit.
    package func cost(of price: ClassPrice, in use: ModelUse) -> Money {
        var part = WideSum()
        part.add(UInt128(use.tokens(price.kind)), times: UInt128(price.perMillion.units))
        return part.money(markedUpBy: markupPercent)
    }

    /// The part of one unit, rounded by itself, for show.
    package func cost(of unit: PriceUnit, in use: ModelUse) -> Money {
        var part = WideSum()
        part.add(UInt128(use.count(of: unit)) * 1_000, times: UInt128((units[unit] ?? .zero).units))
        return part.money(markedUpBy: markupPercent)
    }

    /// A price with the markup on it, to the nearest 10⁻¹⁰: for show.
    package func sold(_ price: Money) -> Money {
        var part = WideSum()
        part.add(UInt128(price.units), times: 1_000_000)
        return part.money(markedUpBy: markupPercent)
    }

    /// In millionths of 10⁻¹⁰ units.
    private func total(of use: ModelUse) -> WideSum {
        var total = WideSum()
        for price in classes { total.add(UInt128(use.tokens(price.kind)), times: UInt128(price.perMillion.units)) }
        for (unit, price) in units { total.add(UInt128(use.count(of: unit)) * 1_000, times: UInt128(price.units)) }
        return total
    }
}

extension WideSum {
    private static let hundred: UInt128 = 100 * UInt128(Money.unitsPerOne)

    /// The sum, which is in millionths of 10⁻¹⁰ units, with a percentage on it.
    ///
    /// 14 classes of 2^53 tokens at 10^25 units, marked up by 10,000 %, are less than 1.3 × 10^38 units: an `Int128` holds 1.7 × 10^38. On the way
    /// there they are below 10^57, of 10^77 that 256 bits hold.
    fileprivate func money(markedUpBy percent: Money) -> Money {
        let factor = Self.hundred + UInt128(percent.units)
        guard let rounded = multiplied(by: factor).roundedQuotient(by: 1_000_000 * Self.hundred) else { return .largest }
        return Money(units: Int128(clamping: rounded))
    }
}
