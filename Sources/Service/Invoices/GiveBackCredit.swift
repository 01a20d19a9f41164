internal import Metering
internal import Store

extension LoadedBillingState {
    /// Gives back what a bill that is owed no more had used up of the user's credit: to the live subscription, else to the last one, from
    /// which a new one takes it over; to none in another currency.
    static func giveBackCredit(
        of bill: Bill, _ tenant: Tenant, settings: Settings, at now: Timestamp, in transaction: Transaction
    ) throws {
        guard bill.creditUsed > .zero else { return }
        var open = try LoadedBillingState(of: bill.user, tenant: tenant, settings: settings, at: now, transaction)
        if var live = open.ledger.subscription, live.plan.currency == bill.currency {
            live.creditBalance += bill.creditUsed
            open.ledger.subscription = live
            try open.save(in: transaction)
        } else if let last = try Subscriptions.latest(bill.user, in: bill.currency, of: tenant, transaction) {
            var after = last
            after.creditBalance += bill.creditUsed
            try Subscriptions.save([SubscriptionEdit(tenant: tenant, before: last, after: after)], in: transaction)
        }
    }
}
