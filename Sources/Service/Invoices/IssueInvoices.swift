internal import Metering
internal import Store

/// Stores what was billed, in the transaction that stores what it was billed for.
struct InvoiceIssuer: Sendable {
    let dueAfterDays: Int

    /// Bills of one shop in order. It is the first thing to be written: who waits for numbers has then done nothing in vain.
    func issue(_ charges: [BillingOutcome], of tenant: Tenant, at now: Timestamp, in transaction: Transaction) throws {
        guard !charges.isEmpty else { return }
        let invoices = try Invoices.issue(charges.compactMap(\.bill), of: tenant, at: now, dueAfterDays: dueAfterDays, in: transaction)
        let kept = invoices.filter { $0.bill.kept > .zero }.map { invoice in
            BillingTransaction(
                kind: .credit, user: invoice.bill.user, invoice: invoice.number, amount: invoice.bill.kept,
                currency: invoice.bill.currency, reference: nil, at: now)
        }
        try BillingTransactions.insert(kept + charges.compactMap { $0.credit(at: now) }, of: tenant, in: transaction)
    }
}

extension BillingOutcome {
    fileprivate func credit(at now: Timestamp) -> BillingTransaction? {
        guard case .credit(let note) = self else { return nil }
        return BillingTransaction(
            kind: .credit, user: note.user, invoice: nil, amount: note.amount, currency: note.currency, reference: note.reason, at: now)
    }
}
