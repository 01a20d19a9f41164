package import Metering
package import Store

/// Stores invoices and credits, in the transaction that stores the change that they bill.
struct InvoiceIssuer: Sendable {
    let dueAfterDays: Int
    let outbox: Outbox

    /// Issues the bills of one shop in order. It is the first write of a transaction, so that one that waits for numbers has done nothing in vain.
    func issue(_ outcomes: [BillingOutcome], of tenant: Tenant, at now: Timestamp, in transaction: Transaction) throws {
        guard !outcomes.isEmpty else { return }
        let invoices = try issue(outcomes.compactMap(\.bill), of: tenant, at: now, in: transaction)
        let kept = invoices.compactMap { $0.keptCredit(at: now) }
        let granted = outcomes.compactMap { $0.grant?.transaction(at: now) }
        try BillingTransactions.insert(kept + granted, of: tenant, in: transaction)
        try save(outcomes.compactMap(\.moved), of: tenant, at: now, in: transaction)
        try outbox.tell(invoices.flatMap { WebhookCause.causes(ofIssued: $0) }, of: tenant, at: now, in: transaction)
    }

    /// Stores the invoices that changed, each once: as it was first, and as it is last.
    private func save(
        _ moved: [(before: Invoice, after: Invoice)], of tenant: Tenant, at now: Timestamp, in transaction: Transaction
    ) throws {
        guard !moved.isEmpty else { return }
        let whole = Dictionary(moved.map { ($0.before.number, $0) }, uniquingKeysWith: { (before: $0.before, after: $1.after) })
        _ = try save(whole.keys.sorted().compactMap { whole[$0] }, at: now, of: tenant, in: transaction)
    }

    /// Stores steps of invoices, and tells of them. What a step takes back of an invoice gets a credit note; `reference`: the refund's id.
    func save(
        _ steps: [(before: Invoice, after: Invoice)], at now: Timestamp, reference: String? = nil, of tenant: Tenant,
        in transaction: Transaction
    ) throws -> [CreditNote] {
        let corrections = steps.compactMap { InvoiceCorrection(of: $0.before, to: $0.after, reference: reference) }
        let notes = try CreditNotes.issue(corrections, of: tenant, at: now, in: transaction)
        try Invoices.save(steps.map { ($0.before, $0.after) }, of: tenant, in: transaction)
        try outbox.tell(
            steps.flatMap { WebhookCause.causes(of: $0.after, before: $0.before) }, of: tenant, at: now, in: transaction)
        return notes
    }

    /// Issues the bills under the month's next numbers, in order. Throws `conflict` when the bill of a period was issued meanwhile; then the
    /// transaction is over.
    private func issue(_ bills: [Bill], of tenant: Tenant, at now: Timestamp, in transaction: Transaction) throws -> [Invoice] {
        guard !bills.isEmpty else { return [] }
        let numbers = try DocumentNumbers.invoices.take(bills.count, in: CivilMonth(of: now.day), of: tenant, in: transaction)
        let shop = try ShopMeter.shop(tenant.shop, transaction)
        let profiles = try Users.find(Set(bills.map(\.user)), of: tenant, transaction)
        let invoices = zip(bills, numbers).map { bill, number in
            Invoice.issued(
                bill, as: InvoiceNumber(stored: number), at: now, dueAfterDays: dueAfterDays,
                terms: InvoiceTerms(of: profiles[bill.user], in: shop))
        }
        try Invoices.insert(invoices, of: tenant, in: transaction)
        return invoices
    }
}

extension ShopMeter {
    /// The maximum of invoices that one transaction makes overdue.
    private static let overdueGroup = 500

    /// The users of the next pending invoices whose day has come; none when there are none. `excluded`: users who are passed over.
    package func usersOfDueInvoices(of tenant: Tenant, at now: Timestamp, without excluded: Set<UserID>) async throws -> [UserID] {
        try await read { try Invoices.dueUsers(by: now, of: tenant, without: excluded, limit: Self.overdueGroup, $0) }
    }

    /// Makes the next pending invoices of the users overdue whose day has come, and their subscriptions past due, in one transaction, and returns how many. Nothing is stored
    /// once the lease is another owner's.
    package func fallDueInvoices(
        of users: [UserID], in tenant: Tenant, at now: Timestamp, lease: Leases.Lease?
    ) async throws -> Int {
        try await transaction { [self] transaction in
            let due = try Invoices.due(by: now, of: users, in: tenant, limit: Self.overdueGroup, transaction)
            guard !due.isEmpty else { return 0 }
            _ = try settings.issuer.save(due.map { ($0, try $0.afterItsDay) }, at: now, of: tenant, in: transaction)
            let subscriptions = Set(due.map(\.bill.subscription))
            try followInvoices(
                of: Set(due.map(\.bill.user)).sorted(), in: tenant, at: now, in: transaction, isOverdue: subscriptions.contains)
            if let lease { try Leases.fence(lease, in: transaction) }
            return due.count
        }
    }
}

extension Invoice {
    fileprivate var afterItsDay: Invoice {
        get throws {
            var invoice = self
            try invoice.fallDue()
            return invoice
        }
    }
}
