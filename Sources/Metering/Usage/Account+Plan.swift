/// The meters of an account, as plans come and go. They are bounded: an account is read and stored as a whole.
extension Account {
    /// Takes a plan's limits over. A meter that the plan does not name gets a limit of 0 and keeps its balance; where there would be more than
    /// `maximumMeters`, those of them that have nothing left go. Where even so there would be more than `meterBound` (which `fits` tells
    /// before), the last meters of the plan have no balance here.
    package mutating func adopt(_ plan: Plan, subscription: SubscriptionID?) {
        self.plan = plan.name
        self.subscription = subscription
        let opened = plan.meters.filter { meter in !meters.contains { $0.meter == meter } }
        if meters.count + opened.count > Self.maximumMeters {
            let named = Set(plan.meters)
            meters.removeAll { !named.contains($0.meter) && $0.isEmpty }
        }
        for meter in opened.prefix(max(0, Self.meterBound - meters.count)) { meters.append(MeterBalance(meter: meter, limit: .of(0))) }
        for index in meters.indices { meters[index].adopt(plan.terms(of: meters[index].meter), at: version) }
    }

    /// Whether the account has room for each meter of the plan beside what is left of others.
    package func fits(_ plan: Plan) -> Bool {
        let named = Set(plan.meters)
        return meters.count { !named.contains($0.meter) && !$0.isEmpty } + named.count <= Self.meterBound
    }
}

extension MeterBalance {
    /// Whether nothing was used in the period, and nothing is carried over, owed, purchased or held: then no number is lost with the balance.
    fileprivate var isEmpty: Bool { used == 0 && rollover == 0 && purchased == 0 && reserved == 0 }
}
