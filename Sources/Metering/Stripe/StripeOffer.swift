internal import Bytes

/// What a subscription at Stripe sells: which plan of the catalog that is, and for how long.
package struct StripeOffer: Equatable, Sendable {
    /// The id of the price, its lookup key, and the name of a plan that its metadata have, as far as they are there.
    package let price: String?
    package let lookupKey: String?
    /// A plan that somebody named in the metadata: of the price, else of a checkout.
    package let planName: PlanName?
    /// Nil: a cycle that is not one of ours, or not said.
    package let cycle: BillingCycle?
    /// In seconds since 1970; nil without a trial.
    package let trialEnd: Int64?

    package init(
        price: String? = nil, lookupKey: String? = nil, planName: PlanName? = nil, cycle: BillingCycle? = nil, trialEnd: Int64? = nil
    ) {
        self.price = price
        self.lookupKey = lookupKey
        self.planName = planName
        self.cycle = cycle
        self.trialEnd = trialEnd
    }

    /// The first plan that names the price's id, else its lookup key; else the plan whose name the lookup key or the metadata are.
    package func plan(among catalog: [Plan]) -> Plan? {
        for text in [price, lookupKey].compactMap(\.self) {
            if let plan = catalog.first(where: { $0.stripePrices.contains { $0.hasSameBytes(as: text) } }) { return plan }
        }
        let names = [lookupKey.flatMap(PlanName.init(rawValue:)), planName].compactMap(\.self)
        return names.lazy.compactMap { name in catalog.first { $0.name == name } }.first
    }

    /// Whole days of the trial that are left, begun ones counted.
    package func trialDays(at now: Timestamp) -> Int {
        guard let trialEnd else { return 0 }
        let left = Timestamp(milliseconds: trialEnd * 1_000).milliseconds - now.milliseconds
        return left <= 0 ? 0 : Int((left - 1) / 86_400_000) + 1
    }
}
