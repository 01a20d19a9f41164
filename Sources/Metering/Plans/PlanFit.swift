/// The advice to change to the cheapest plan that would have covered the last periods, with the numbers that it rests on.
package struct PlanFit: Equatable, Sendable {
    /// Tokens of each of the last periods, the oldest first.
    package let used: [Quantity]
    /// The plan that is advised.
    package let plan: Plan
    /// The cycle by whose fees the plans are compared: the subscription's.
    package let cycle: BillingCycle
    package let present: Plan

    /// The least and the most periods that advice is given by.
    package static let leastPeriods = 2
    package static let mostPeriods = 3

    /// Looks at the last 2 or 3 periods of nearly the present one's length (90 % or more) and at the active plans in the present one's
    /// currency. Nil when there are too few such periods or no tokens in them, when no plan covers each of them, or when the present plan
    /// does and none that does is cheaper.
    package init?(of account: Account, on subscription: Subscription, catalog: [Plan]) {
        let whole = account.summaries.filter { $0.period.days * 10 >= account.period.days * 9 }
        let used = whole.suffix(Self.mostPeriods).map(\.totals.tokens)
        guard used.count >= Self.leastPeriods, let most = used.max(), most > 0 else { return nil }
        let (present, cycle) = (subscription.plan, subscription.cycle)
        let covering = catalog.filter { plan in
            plan.isActive && plan.currency == present.currency && (plan.tokens.quantity.map { $0 >= most } ?? true)
        }
        let cheapest = covering.min { ($0.fee(for: cycle), $0.name.rawValue) < ($1.fee(for: cycle), $1.name.rawValue) }
        guard let cheapest, cheapest.name != present.name else { return nil }
        let isCovered = present.tokens.quantity.map { $0 >= most } ?? true
        guard !isCovered || cheapest.fee(for: cycle) < present.fee(for: cycle) else { return nil }
        (self.used, self.plan, self.cycle, self.present) = (used, cheapest, cycle, present)
    }

    package var sentence: String {
        let amounts = used.map(String.init)
        let list = amounts.dropLast().joined(separator: ", ") + " and " + (amounts.last ?? "")
        let tokens = plan.tokens.quantity.map { "\($0) tokens" } ?? "unlimited tokens"
        return
            "The last \(used.count) periods used \(list) tokens: \(plan.displayName) (\(tokens), \(price(of: plan))) is the cheapest plan that "
            + "would have covered each of them; \(present.displayName) costs \(price(of: present))."
    }

    private func price(of plan: Plan) -> String { "\(plan.fee(for: cycle).text) \(plan.currency.code)" }
}
