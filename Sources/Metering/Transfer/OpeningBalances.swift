/// What a user brings from where the shop kept its books before: added to what is here, once.
package struct OpeningBalances: Equatable, Sendable {
    package let user: UserID
    package let meter: Meter
    /// Carried over from earlier periods; below 0 it is debt. Nil, here and below: not said.
    package var rollover: Quantity?
    /// Bought and not used yet.
    package var purchased: Quantity?
    /// Taken off the next invoices, in the currency of the subscription's plan.
    package var credit: Money?
    /// Of the project, where one is named, else of the user.
    package var wallet: Money?
    package var project: ProjectID?

    package init(
        user: UserID, meter: Meter = .tokens, rollover: Quantity? = nil, purchased: Quantity? = nil, credit: Money? = nil,
        wallet: Money? = nil, project: ProjectID? = nil
    ) {
        self.user = user
        self.meter = meter
        self.rollover = rollover
        self.purchased = purchased
        self.credit = credit
        self.wallet = wallet
        self.project = project
    }

    package static let reason = "opening balance"

    package var isEmpty: Bool { rollover == nil && purchased == nil && credit == nil && wallet == nil }
}

extension Account {
    /// Adds to what was carried over of a meter. `totalTooLarge` where L, P and R would pass `Quantity.largest`, or R minus that.
    package mutating func open(
        rollover amount: Quantity, of meter: Meter, as id: AdjustmentID, by actor: Actor, at now: Timestamp, enforcement: Enforcement = .on
    ) throws(UsageRefusal) -> Adjustment {
        let index = try balanceIndex(of: meter)
        let balance = meters[index]
        let after = Int128(balance.rollover) + Int128(amount)
        let sum = Int128(balance.limit.quantity ?? 0) + Int128(balance.purchased) + max(0, after)
        guard sum <= Int128(Quantity.largest), after >= -Int128(Quantity.largest) else { throw .totalTooLarge }
        meters[index].rollover = Quantity(after)
        let content = AdjustmentContent(user: user, meter: meter, amount: amount, reason: OpeningBalances.reason)
        return Adjustment(
            id: id, content: content, effect: AdjustmentEffect(toRollover: amount), by: actor, at: now, periodNumber: periodNumber,
            balance: BalanceAfter(meters[index].under(enforcement)))
    }
}
