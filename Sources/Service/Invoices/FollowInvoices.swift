internal import Metering
internal import Store

extension ShopMeter {
    /// Lets the users' live subscriptions follow their invoices. `isOverdue`: whether one of a subscription's invoices is.
    func followInvoices(
        of users: [UserID], in tenant: Tenant, at now: Timestamp, in transaction: Transaction, isOverdue: (SubscriptionID) -> Bool
    ) throws {
        let live = try Subscriptions.live(users, of: tenant, transaction)
        let edits = users.compactMap { live[$0] }.compactMap { before in
            var after = before
            return after.followInvoices(isOverdue: isOverdue(before.id), at: now)
                ? SubscriptionEdit(tenant: tenant, before: before, after: after) : nil
        }
        guard !edits.isEmpty else { return }
        let keys = edits.map { AccountKey(tenant: tenant, user: $0.after.user) }
        let accounts = try Accounts.find(keys, transaction)
        try Subscriptions.save(edits, in: transaction)
        // The accounts' versions guard their subscriptions.
        let guards = zip(keys, edits).compactMap { key, edit in
            accounts[key].map { AccountChange(tenant: tenant, before: $0, after: $0, step: .terms(edit.after), at: now) }
        }
        try Accounts.save(guards, in: transaction)
        let causes = edits.flatMap { WebhookCause.causes(of: $0.after, before: $0.before) }
        try settings.outbox.tell(causes, of: tenant, at: now, in: transaction)
    }

    /// Lets the user's live subscription follow its invoices after a step of one that was overdue.
    func followInvoices(after before: Invoice, of tenant: Tenant, at now: Timestamp, in transaction: Transaction) throws {
        guard before.status == .overdue else { return }
        let user = before.bill.user
        let open = try Invoices.open(of: user, in: tenant, transaction)
        let overdue = Set(open.filter { $0.status == .overdue }.map(\.bill.subscription))
        try followInvoices(of: [user], in: tenant, at: now, in: transaction, isOverdue: overdue.contains)
    }
}
