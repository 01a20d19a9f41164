/// A forecast of an enforced event: whether its amount may be used, from where it would be taken, and why not.
package struct UsageCheck: Equatable, Sendable {
    package let meter: Meter
    package let isAllowed: Bool
    package let limit: Limit
    /// The amount that is used of the limit by now.
    package let current: Quantity
    package let requested: Quantity
    /// The amount still available, never below 0; nil when unlimited.
    package let available: Quantity?
    package let reserved: Quantity
    package let wouldTake: Breakdown
    /// A sentence; nil when the amount is allowed.
    package let reason: String?

    package init(
        meter: Meter, isAllowed: Bool, limit: Limit, current: Quantity, requested: Quantity, available: Quantity?, reserved: Quantity,
        wouldTake: Breakdown, reason: String?
    ) {
        (self.meter, self.isAllowed, self.limit, self.current, self.requested) = (meter, isAllowed, limit, current, requested)
        (self.available, self.reserved, self.wouldTake, self.reason) = (available, reserved, wouldTake, reason)
    }
}

extension MeterBalance {
    /// Foretells what an enforced event of `amount` would do. `status`: of the user's subscription, nil without one.
    package func explain(_ amount: Quantity, status: SubscriptionStatus?) -> UsageCheck {
        let isAllowed = allows(amount)
        return UsageCheck(
            meter: meter, isAllowed: isAllowed, limit: limit, current: used, requested: amount, available: remaining, reserved: reserved,
            wouldTake: breakdown(of: amount), reason: isAllowed ? nil : shortage(of: amount, status))
    }

    /// The sentence that says which sources have how much, and what they are lowered by.
    private func shortage(of amount: Quantity, _ status: SubscriptionStatus?) -> String {
        var parts = ["\(allowanceLeft ?? 0) of the allowance of \(limit.quantity ?? 0)"]
        if rollover > 0 { parts.append("\(rollover) carried over") }
        if purchased > 0 { parts.append("\(purchased) purchased") }
        var sentence = "\(amount) \(meter) were asked for, and \(remaining ?? 0) are left: " + parts.joined(separator: ", ")
        if rollover < 0 { sentence += ", less a debt of \(-rollover)" }
        if reserved > 0 { sentence += ", less \(reserved) on hold" }
        guard let status, !status.isEntitled else { return sentence + "." }
        return sentence + "; the subscription is \(status.rawValue), so that the free plan counts."
    }
}
