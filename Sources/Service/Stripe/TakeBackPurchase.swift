internal import Metering
internal import Store

/// What was bought and is given back at Stripe.
extension ShopMeter {
    /// Takes back what is left of what the charge paid. What of it was used stays used.
    func takeBack(
        _ refund: StripeRefund, by user: UserID?, of tenant: Tenant, at now: Timestamp, in transaction: Transaction
    ) throws -> (user: UserID?, effect: StripeEffect) {
        switch refund.bought {
        case .purchase(let id):
            let key = PurchaseKey(tenant: tenant, id: id)
            guard let purchase = try Purchases.find([key], transaction)[key], user == nil || user == purchase.content.user else {
                return (user, .ignored("there is no such purchase of the user's"))
            }
            return (purchase.content.user, try takeBack(purchase, refund, of: tenant, at: now, in: transaction))
        case .credit(let id):
            let key = WalletEntryKey.credit(id, tenant)
            guard let credit = try WalletEntries.find([key], transaction)[key],
                user == nil || credit.owner.user == nil || user == credit.owner.user
            else { return (user, .ignored("there is no such credit of the user's")) }
            return (credit.owner.user ?? user, try takeBack(credit, refund, of: tenant, at: now, in: transaction))
        }
    }

    private func takeBack(
        _ purchase: Purchase, _ refund: StripeRefund, of tenant: Tenant, at time: Timestamp, in transaction: Transaction
    ) throws -> StripeEffect {
        let before = try Adjustments.taken(startingWith: refund.prefix, of: tenant, transaction)
        let due = refund.due(of: purchase.content.amount, taken: before)
        guard due > 0 else { return .takenBefore }
        let (user, meter) = (purchase.content.user, purchase.content.meter)
        var loaded = try LoadedBillingState(of: user, tenant: tenant, settings: settings, at: time, transaction)
        let content = AdjustmentContent(user: user, meter: meter, amount: -due, reason: refund.reason)
        let made = try loaded.adjust(content, as: AdjustmentID(stored: refund.id), settings.enforcement, onlyPurchased: true)
        try loaded.save(in: transaction)
        try Adjustments.insert(made, of: tenant, in: transaction)
        let used = due - made.effect.taken.fromPurchased
        return used == 0 ? .applied : .applied(but: "\(used) of \(due) \(meter) were used before, and stay so")
    }

    private func takeBack(
        _ credit: WalletEntry, _ refund: StripeRefund, of tenant: Tenant, at now: Timestamp, in transaction: Transaction
    ) throws -> StripeEffect {
        let before = try WalletEntries.taken(startingWith: refund.prefix, of: tenant, transaction)
        let due = refund.due(of: credit.amount, taken: before)
        guard due > .zero else { return .takenBefore }
        var wallet = try Self.wallet(of: credit.owner, in: tenant, at: now, transaction)
        let left = max(.zero, min(due, wallet.balance))
        guard left > .zero,
            let entry = wallet.credit(
                CreditID(stored: refund.id), .zero - left, reason: refund.reason, by: .stripe, at: now)
        else { return .ignored("nothing of the credit is left") }
        try Self.save(wallet, with: entry, of: tenant, at: now, telling: settings.outbox, in: transaction)
        return left == due ? .applied : .applied(but: "\((due - left).text) of \(due.text) were used before, and stay so")
    }
}

extension StripeEffect {
    fileprivate static let takenBefore = ignored("what was given back was taken back before")

    fileprivate static func applied(but reason: String) -> StripeEffect { StripeEffect(outcome: .applied, reason: reason) }
}
