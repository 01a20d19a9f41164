package import Metering
internal import Store

extension ShopMeter {
    /// Cancels an invoice. The credit that it used up is the user's again.
    package func cancelInvoice(_ number: InvoiceNumber, of tenant: Tenant) async throws -> InvoiceAnswer {
        try await cancelInvoice(number, of: tenant, once: nil).result
    }

    /// Cancels an invoice, once for an idempotency key.
    package func cancelInvoice(
        _ number: InvoiceNumber, of tenant: Tenant, once: IdempotentRequest<InvoiceAnswer>?
    ) async throws -> IdempotentOutcome<InvoiceAnswer> {
        let (now, settings) = (try await now(of: tenant), settings)
        return try await retryingDuplicates {
            try await issuingTransaction(of: tenant) { transaction in
                try once.run(of: tenant, in: transaction) {
                    let invoice = try Self.invoice(number, of: tenant, transaction)
                    // First, as this may issue invoices, whose numbers are taken before any other write. When the cancellation is
                    // refused, the transaction undoes it.
                    try LoadedBillingState.giveBackCredit(of: invoice, tenant, settings: settings, at: now, in: transaction)
                    try AuditTrail.note(.invoiceCancel, number.rawValue, about: invoice.bill.user, at: now, of: tenant, in: transaction)
                    return try self.step(invoice, of: tenant, at: now, in: transaction) { [try $0.cancel(at: now)] }
                }
            }
        }
    }
}

extension LoadedBillingState {
    /// Gives the credit that an invoice had used up back to the user.
    static func giveBackCredit(
        of invoice: Invoice, _ tenant: Tenant, settings: Settings, at now: Timestamp, in transaction: Transaction
    ) throws {
        let (bill, credit) = (invoice.bill, invoice.bill.creditUsed)
        guard credit > .zero else { return }
        var loaded = try LoadedBillingState(of: bill.user, tenant: tenant, settings: settings, at: now, movingInvoices: true, transaction)
        loaded.state.invoices.removeAll { $0.number == invoice.number }
        try loaded.returnCredit(credit, in: bill.currency, transaction)
        try loaded.save(in: transaction)
    }
}
