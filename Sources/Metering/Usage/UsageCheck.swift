/// What would become of an amount: whether it may be used, from where it would be taken, and why not.
package struct UsageCheck: Equatable, Sendable {
    package let meter: Meter
    package let isAllowed: Bool
    package let limit: Limit
    package let current: Quantity
    package let requested: Quantity
    /// Nil when unlimited.
    package let available: Quantity?
    package let reserved: Quantity
    package let wouldTake: Breakdown
    /// Nil when it is allowed.
    package let reason: String?
}

extension MeterBalance {
    /// `standing`: the status of the user's subscription, nil without one.
    package func explain(_ amount: Quantity, standing: SubscriptionStatus?) -> UsageCheck {
        let isAllowed = allows(amount)
        return UsageCheck(
            meter: meter, isAllowed: isAllowed, limit: limit, current: used, requested: amount, available: remaining, reserved: reserved,
            wouldTake: breakdown(of: amount), reason: isAllowed ? nil : shortage(of: amount, standing))
    }

    /// The parts that add up to too little.
    private func shortage(of amount: Quantity, _ standing: SubscriptionStatus?) -> String {
        var parts = ["\(allowanceLeft ?? 0) of the allowance of \(limit.quantity ?? 0)"]
        if rollover > 0 { parts.append("\(rollover) carried over") }
        if purchased > 0 { parts.append("\(purchased) purchased") }
        var sentence = "\(amount) of \(meter) were asked for, and \(remaining ?? 0) are left: " + parts.joined(separator: ", ")
        if rollover < 0 { sentence += ", less a debt of \(-rollover)" }
        if reserved > 0 { sentence += ", less \(reserved) on hold" }
        guard let standing, !standing.isEntitled else { return sentence + "." }
        return sentence + "; the subscription is \(standing.rawValue), so that the free plan counts."
    }
}
