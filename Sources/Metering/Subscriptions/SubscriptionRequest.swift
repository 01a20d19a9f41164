/// The actions on a subscription's plan that a shop can ask for.
package enum ChangeAction: String, CaseIterable, Hashable, Sendable {
    case create, upgrade, downgrade, renew, change

    var event: LifecycleEvent { self == .renew ? .renew : .change }
}

/// When a change or a cancellation takes effect.
package enum Effective: String, CaseIterable, Hashable, Sendable {
    case now
    case periodEnd = "period_end"
}

/// A plan to subscribe to, or to change to. What is nil comes from the catalog's plan of that name.
package struct SubscriptionRequest: Equatable, Sendable {
    package var user: UserID
    package var action: ChangeAction
    package var planName: PlanName
    package var displayName: String?
    /// The tokens of a period.
    package var tokens: Limit?
    package var monthlyFee: Money?
    package var currency: Currency?
    package var cycle: BillingCycle?
    package var effective: Effective
    package var trialDays: Int?
    /// For a subscription that comes from elsewhere: periods that end by then are not billed.
    package var billedFrom: Timestamp?
    /// When a new subscription begins; nil: now.
    package var startsAt: Timestamp?

    package init(
        user: UserID, action: ChangeAction, planName: PlanName, displayName: String? = nil, tokens: Limit? = nil, monthlyFee: Money? = nil,
        currency: Currency? = nil, cycle: BillingCycle? = nil, effective: Effective = .now, trialDays: Int? = nil
    ) {
        self.user = user
        self.action = action
        self.planName = planName
        self.displayName = displayName
        self.tokens = tokens
        self.monthlyFee = monthlyFee
        self.currency = currency
        self.cycle = cycle
        self.effective = effective
        self.trialDays = trialDays
    }
}

/// Neither the request nor the catalog says what a plan needs.
package struct MissingTerms: Error, Equatable, Sendable {
    /// The JSON names of what is missing.
    package let fields: [String]
}

/// The catalog's plan has its prices in another currency than the request's.
package struct OtherCurrency: Error, Equatable, Sendable {
    package let expected: Currency
}

extension SubscriptionRequest {
    /// The plan as it would be agreed: the catalog's plan, changed where the request says otherwise. A monthly fee that differs from the
    /// catalog's takes the catalog's other fees away. Prices are never relabelled: another currency needs a fee of its own.
    package func agreedPlan(catalog: Plan?, shopCurrency: Currency) throws -> Plan {
        var missing: [String] = []
        if tokens == nil, catalog == nil { missing.append("allocated_tokens") }
        if monthlyFee == nil, catalog == nil { missing.append("monthly_fee") }
        guard missing.isEmpty else { throw MissingTerms(fields: missing) }
        var plan =
            catalog
            ?? Plan(
                name: planName, displayName: planName.rawValue, monthlyFee: .zero, currency: shopCurrency, allowances: [:])
        if let currency, let catalog, currency != catalog.currency {
            guard let monthlyFee, catalog.overagePrices.isEmpty else { throw OtherCurrency(expected: catalog.currency) }
            (plan.monthlyFee, plan.yearlyFee, plan.dayFees) = (monthlyFee, nil, [:])
        }
        if let tokens { plan.allowances[.tokens] = tokens }
        if let monthlyFee, monthlyFee != plan.monthlyFee { (plan.monthlyFee, plan.yearlyFee, plan.dayFees) = (monthlyFee, nil, [:]) }
        plan.displayName = displayName ?? plan.displayName
        plan.currency = currency ?? plan.currency
        plan.trialDays = trialDays ?? plan.trialDays
        return plan
    }
}
