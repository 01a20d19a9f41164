package import Bytes

package struct AdjustmentID: ClientIdentifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// The content of an adjustment, as its client sends it. Two adjustments with one id are the same when their contents are equal.
package struct AdjustmentContent: Equatable, Sendable {
    package let user: UserID
    package let meter: Meter
    /// Above 0: given to the user; below 0: taken.
    package let amount: Quantity
    @Bytewise package private(set) var reason: String

    package init(user: UserID, meter: Meter, amount: Quantity, reason: String) {
        self.user = user
        self.meter = meter
        self.amount = amount
        self.reason = reason
    }
}

/// A balance that a person has set right. It is no use: no day and no total counts it.
package struct Adjustment: Equatable, Sendable {
    package let id: AdjustmentID
    package let content: AdjustmentContent
    package let effect: AdjustmentEffect
    package let actor: Actor
    package let at: Timestamp
    /// The account's period in which it counts.
    package let periodNumber: Int64
    package let balance: BalanceAfter

    package init(
        id: AdjustmentID, content: AdjustmentContent, effect: AdjustmentEffect, by actor: Actor, at: Timestamp, periodNumber: Int64,
        balance: BalanceAfter
    ) {
        self.id = id
        self.content = content
        self.effect = effect
        self.actor = actor
        self.at = at
        self.periodNumber = periodNumber
        self.balance = balance
    }
}

/// The parts of an adjustment: of one above 0 the first two, of one below 0 what was taken; of an opening rollover that alone.
package struct AdjustmentEffect: Equatable, Sendable {
    /// Debt that was forgiven.
    package var paidDebt: Quantity
    package var toPurchased: Quantity
    /// What was carried over elsewhere, and is opened with; below 0 it is debt.
    package var toRollover: Quantity
    package var taken: Breakdown

    package init(paidDebt: Quantity = 0, toPurchased: Quantity = 0, toRollover: Quantity = 0, taken: Breakdown = Breakdown()) {
        self.paidDebt = paidDebt
        self.toPurchased = toPurchased
        self.toRollover = toRollover
        self.taken = taken
    }
}

extension Account {
    /// Sets a balance right: an amount above 0 pays debt first and is added to what was purchased for the rest; one below 0 is taken as an
    /// event's is, or with `onlyPurchased` from what is left of all that was purchased, and no more than that. `totalTooLarge` where a balance would
    /// pass `Quantity.largest`.
    package mutating func adjust(
        _ content: AdjustmentContent, as id: AdjustmentID, by actor: Actor, at now: Timestamp, enforcement: Enforcement = .on,
        onlyPurchased: Bool = false
    ) throws(UsageRefusal) -> Adjustment {
        let index = try balanceIndex(of: content.meter)
        var balance = meters[index].under(enforcement)
        let effect =
            if content.amount > 0 { try balance.give(content.amount) } else if onlyPurchased { balance.takeBack(-content.amount) } else {
                try balance.takeAway(-content.amount)
            }
        meters[index] = balance.with(limit: meters[index].limit)
        return Adjustment(
            id: id, content: content, effect: effect, by: actor, at: now, periodNumber: periodNumber, balance: BalanceAfter(balance))
    }
}

extension MeterBalance {
    fileprivate mutating func give(_ amount: Quantity) throws(UsageRefusal) -> AdjustmentEffect {
        let paid = min(amount, max(0, -rollover))
        guard purchased <= Quantity.largest - (amount - paid) else { throw .totalTooLarge }
        rollover += paid
        payDebtOfStretch(from: \.purchased)
        purchased += amount - paid
        return AdjustmentEffect(paidDebt: paid, toPurchased: amount - paid)
    }

    fileprivate mutating func takeBack(_ amount: Quantity) -> AdjustmentEffect {
        var taken = Breakdown()
        taken.fromPurchased = min(amount, purchased)
        purchased -= taken.fromPurchased
        return AdjustmentEffect(taken: taken)
    }

    fileprivate mutating func takeAway(_ amount: Quantity) throws(UsageRefusal) -> AdjustmentEffect {
        try check(amount, enforce: false)
        return AdjustmentEffect(taken: take(amount))
    }
}
