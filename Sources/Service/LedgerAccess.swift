internal import Metering
internal import Store

/// A user's ledger as it was read in a transaction, brought up to date.
struct OpenLedger {
    let tenant: Tenant
    let free: Plan
    /// As stored; nil when there was no account.
    let stored: Account?
    var ledger: Ledger

    /// Reads the account and the live subscription, and closes periods that are due, so that what follows stands in the current one.
    init(of user: UserID, tenant: Tenant, free: Plan, at now: Timestamp, _ reading: Reading) throws {
        self.tenant = tenant
        self.free = free
        stored = try Accounts.find(user, of: tenant, reading)
        let account = stored ?? .opened(for: user, free: free, at: now)
        ledger = Ledger(account: account, subscription: try Subscriptions.live(user, of: tenant, reading))
        _ = ledger.closeDuePeriods(at: now, free: free)
    }

    /// Stores what changed, the account by its version. `isNew`: the subscription was not stored before.
    func save(isNew: Bool = false, in transaction: Transaction) throws {
        if let subscription = ledger.subscription {
            if isNew {
                try Subscriptions.insert(subscription, of: tenant, in: transaction)
            } else {
                try Subscriptions.save(subscription, of: tenant, in: transaction)
            }
        }
        if stored != ledger.account {
            try Accounts.save([AccountChange(tenant: tenant, before: stored, after: ledger.account)], in: transaction)
        }
    }
}
