/// Advice in sentences, by the numbers of an account's period.
package enum Recommendations {
    /// At most three sentences, in this order: the next plan up, when the limit is tight; that use grows; that queries are long (over 300
    /// tokens on average).
    package static func sentences(
        tokens: MeterBalance, subscription: Subscription, analytics: UsageAnalytics, catalog: [Plan]
    ) -> [String] {
        var sentences: [String] = []
        if isTight(tokens, projected: analytics.projected), let next = nextPlanUp(from: subscription, limit: tokens.limit, in: catalog) {
            sentences.append(upgrade(to: next, from: tokens.limit))
        }
        if analytics.trend == .increasing {
            sentences.append("Usage is increasing: watch the pattern over the next days.")
        }
        if analytics.averagePerQuery > 300 {
            let average = Int(analytics.averagePerQuery.rounded())
            sentences.append("Queries use \(average) tokens on average: shorter prompts and answers would optimize them.")
        }
        return sentences
    }

    /// Whether more than 80 % of the limit is used, or more than 90 % of it is projected.
    private static func isTight(_ tokens: MeterBalance, projected: Quantity) -> Bool {
        guard let limit = tokens.limit.quantity else { return false }
        return tokens.percentUsed > 80 || Int128(projected) * 10 > Int128(limit) * 9
    }

    /// The active plan with the smallest limit of tokens above `limit` that costs at least as much as the present one, in its currency; of two with
    /// the same limit, the cheaper by the month.
    static func nextPlanUp(from subscription: Subscription, limit: Limit, in catalog: [Plan]) -> Plan? {
        let (present, cycle) = (subscription.plan, subscription.cycle)
        let fee = present.fee(for: cycle)
        return catalog.filter { plan in
            plan.isActive && plan.name != present.name && plan.tokens.isAbove(limit) && plan.currency == present.currency
                && plan.fee(for: cycle) >= fee
        }
        .min { left, right in
            left.tokens == right.tokens ? left.monthlyFee < right.monthlyFee : right.tokens.isAbove(left.tokens)
        }
    }

    private static func upgrade(to plan: Plan, from limit: Limit) -> String {
        guard let more = plan.tokens.quantity, let now = limit.quantity, now > 0 else {
            let tokens = plan.tokens.quantity.map { "\($0) tokens" } ?? "unlimited tokens"
            return "Upgrade to \(plan.displayName): it has \(tokens)."
        }
        return "Upgrade to \(plan.displayName): it has \(times(more, over: now)) times more tokens (\(more) per period)."
    }

    /// `more` ÷ `now` to the nearest tenth, without a trailing zero: `2`, `2.5`.
    private static func times(_ more: Quantity, over now: Quantity) -> String {
        let tenths = (Int128(more) * 10).roundedQuotient(by: Int128(now))
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}
