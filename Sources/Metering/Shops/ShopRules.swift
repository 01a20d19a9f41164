/// Who begins with a trial, where the plan has one.
package enum TrialPolicy: String, CaseIterable, Hashable, Sendable {
    /// A user who had no trial in the shop before.
    case once
    /// A user who had no trial of that plan before.
    case perPlan = "per_plan"
    case always

    /// Whether a user who began with trials of the plans `before` has one of `plan`.
    package func allows(_ plan: PlanName, after before: [PlanName]) -> Bool {
        switch self {
        case .once: before.isEmpty
        case .perPlan: !before.contains(plan)
        case .always: true
        }
    }
}

/// The decisions of a shop by which the rules work for its users.
package struct ShopRules: Equatable, Sendable {
    package var proration: ProrationBasis
    package var trials: TrialPolicy
    /// The money in a new wallet of a user, in the shop's currency.
    package var userCredit: Money
    /// The money in the wallet of a user's first project.
    package var projectCredit: Money
    /// Whether answers advise plans.
    package var recommends: Bool
    /// Whether a model's price may be nothing.
    package var allowsFreeModels: Bool
    /// Who sells, as invoices name it.
    package var seller = InvoiceParty()
    /// The taxes of invoices by the customer's country, at most `CountryTaxRate.maximumPerShop`.
    package var taxRates: [CountryTaxRate] = []
    /// The origins of web pages that may call the interface with tokens of the shop's users.
    package var origins: [WebOrigin] = []
    /// The colour of the users' page; nil: the service's own.
    package var color: BrandColor?

    package init(
        proration: ProrationBasis = .timeOrUse, trials: TrialPolicy = .once, userCredit: Money = Wallet.userCredit,
        projectCredit: Money = Wallet.firstProjectCredit, recommends: Bool = true, allowsFreeModels: Bool = false
    ) {
        self.proration = proration
        self.trials = trials
        self.userCredit = userCredit
        self.projectCredit = projectCredit
        self.recommends = recommends
        self.allowsFreeModels = allowsFreeModels
    }
}

/// A change of a shop's settings; what is nil stays.
package struct ShopChange: Equatable, Sendable {
    package var name: String?
    package var mode: Shop.Mode?
    package var proration: ProrationBasis?
    package var trials: TrialPolicy?
    package var userCredit: Money?
    package var projectCredit: Money?
    package var recommends: Bool?
    package var allowsFreeModels: Bool?
    package var seller: InvoiceParty?
    package var taxRates: [CountryTaxRate]?
    package var origins: [WebOrigin]?
    /// An inner nil takes the colour away.
    package var color: BrandColor??
    /// By class; nil takes away what the same setter set before.
    package var rateLimits: [RateClass: RateLimit?] = [:]

    package init() {}

    /// `service`: the limits of requests that every shop has.
    package func applied(
        to shop: Shop, by setter: RateLimitSetter, limits service: RateLimits
    ) throws(RateLimitRefusal) -> Shop {
        var shop = shop
        shop.name = name ?? shop.name
        shop.mode = mode ?? shop.mode
        shop.rules.proration = proration ?? shop.rules.proration
        shop.rules.trials = trials ?? shop.rules.trials
        shop.rules.userCredit = userCredit ?? shop.rules.userCredit
        shop.rules.projectCredit = projectCredit ?? shop.rules.projectCredit
        shop.rules.recommends = recommends ?? shop.rules.recommends
        shop.rules.allowsFreeModels = allowsFreeModels ?? shop.rules.allowsFreeModels
        shop.rules.seller = seller ?? shop.rules.seller
        shop.rules.taxRates = taxRates ?? shop.rules.taxRates
        shop.rules.origins = origins ?? shop.rules.origins
        if let color { shop.rules.color = color }
        try shop.rateLimits.set(rateLimits, by: setter, of: service)
        return shop
    }
}
