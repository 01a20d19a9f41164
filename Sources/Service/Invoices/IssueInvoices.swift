package import Metering
package import Store

/// Stores invoices and credits, in the transaction that stores the change that they bill.
struct InvoiceIssuer: Sendable {
    let dueAfterDays: Int

    /// Issues the bills of one shop in order. It is the first write of a transaction, so that one that waits for numbers has done nothing in vain.
    func issue(_ outcomes: [BillingOutcome], of tenant: Tenant, at now: Timestamp, in transaction: Transaction) throws {
        guard !outcomes.isEmpty else { return }
        let invoices = try Invoices.issue(outcomes.compactMap(\.bill), of: tenant, at: now, dueAfterDays: dueAfterDays, in: transaction)
        let kept = invoices.compactMap { $0.keptCredit(at: now) }
        let granted = outcomes.compactMap { $0.grant?.transaction(at: now) }
        try BillingTransactions.insert(kept + granted, of: tenant, in: transaction)
    }
}

extension ShopMeter {
    /// The maximum of invoices that one transaction makes overdue.
    private static let overdueGroup = 500

    /// Makes the next pending invoices overdue whose day has come, in one transaction: how many, nil when there is none. Nothing is stored
    /// once the lease is another owner's.
    package func fallDueInvoices(of tenant: Tenant, at now: Timestamp, lease: Leases.Lease?) async throws -> Int? {
        try await transaction { transaction in
            let due = try Invoices.due(by: now, of: tenant, limit: Self.overdueGroup, transaction)
            guard !due.isEmpty else { return nil }
            try Invoices.save(due.map { ($0, try $0.afterItsDay) }, of: tenant, in: transaction)
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
