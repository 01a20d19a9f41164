internal import Bytes
package import Metering
internal import Store

/// An invoice after a payment, refund or cancellation.
package struct InvoiceAnswer: Sendable {
    /// The invoice as the step left it.
    package let invoice: Invoice
    /// Whether the step was done before; then `invoice` is the first answer.
    package let isDuplicate: Bool
    /// The note of what the step took back; nil where it took nothing.
    package var note: CreditNote?
}

extension ShopMeter {
    /// The invoice of that number. With a `user`, another user's invoice is `notFound`.
    package func invoice(_ number: InvoiceNumber, of tenant: Tenant, user: UserID? = nil) async throws -> Invoice {
        let now = try await now(of: tenant)
        return try await read { try Self.invoice(number, of: tenant, user: user, $0) }.asOf(now)
    }

    /// The first of an invoice's credit notes, at most 100, the oldest first.
    package func creditNotes(of number: InvoiceNumber, in tenant: Tenant) async throws -> [CreditNote] {
        try await read { try CreditNotes.ofInvoice(number, in: tenant, limit: 100, $0) }
    }

    /// With a `user`, another user's is `notFound`.
    package func creditNote(_ number: CreditNoteNumber, of tenant: Tenant, user: UserID? = nil) async throws -> CreditNote {
        let found = try await read { try CreditNotes.find(number, of: tenant, $0) }
        guard let found, user ?? found.user == found.user else { throw ServiceError.notFound("There is no credit note \(number).") }
        return found
    }

    static func invoice(
        _ number: InvoiceNumber, of tenant: Tenant, user: UserID? = nil, _ reading: Reading
    ) throws -> Invoice {
        guard let invoice = try Invoices.find(number, of: tenant, reading), user ?? invoice.bill.user == invoice.bill.user else {
            throw ServiceError.notFound("There is no invoice \(number).")
        }
        return invoice
    }

    /// Notes that the invoice was paid, once for the reference. Throws `invalidTransition` when it cannot be paid, or was paid by another.
    package func payInvoice(_ number: InvoiceNumber, reference: String, of tenant: Tenant) async throws -> InvoiceAnswer {
        let now = try await now(of: tenant)
        return try await transaction { transaction in
            let invoice = try Self.invoice(number, of: tenant, transaction)
            return try self.pay(invoice, reference: reference, of: tenant, at: now, in: transaction)
        }
    }

    /// Notes that an invoice was paid which a larger transaction has read.
    func pay(
        _ invoice: Invoice, reference: String, of tenant: Tenant, at now: Timestamp, in transaction: Transaction
    ) throws -> InvoiceAnswer {
        if invoice.paymentReference.hasSameBytes(as: reference) { return InvoiceAnswer(invoice: invoice.asPaid, isDuplicate: true) }
        try AuditTrail.note(.invoicePay, invoice.number.rawValue, about: invoice.bill.user, at: now, of: tenant, in: transaction)
        return try step(invoice, of: tenant, at: now, in: transaction) { try $0.pay(reference, at: now) }
    }

    /// Refunds an amount of a paid invoice, once for the refund's id. A nil amount means all that is left.
    package func refundInvoice(
        _ number: InvoiceNumber, _ amount: Money?, as id: RefundID, of tenant: Tenant
    ) async throws -> InvoiceAnswer {
        let (now, settings) = (try await now(of: tenant), settings)
        return try await retryingDuplicates {
            try await issuingTransaction(of: tenant) { transaction in
                let invoice = try Self.invoice(number, of: tenant, transaction)
                if let made = try BillingTransactions.refund(id, of: tenant, transaction) {
                    var answer = try Self.firstAnswer(made.transaction, to: amount, of: invoice)
                    answer.note = try CreditNotes.ofRefund(id, of: number, in: tenant, transaction)
                    return answer
                }
                guard amount == amount?.rounded(in: invoice.bill.currency) else {
                    let digits = invoice.bill.currency.minorDigits
                    throw ServiceError.invalid(field: "amount", expected: "expected at most \(digits) digits after the point")
                }
                if invoice.refundable == amount ?? invoice.refundable, invoice.status == .paid {
                    try LoadedBillingState.giveBackCredit(of: invoice, tenant, settings: settings, at: now, in: transaction)
                }
                try AuditTrail.note(.invoiceRefund, number.rawValue, about: invoice.bill.user, at: now, of: tenant, in: transaction)
                return try self.step(invoice, of: tenant, at: now, reference: id.rawValue, in: transaction) {
                    [try $0.refund(amount, as: id, at: now)]
                }
            }
        }
    }

    private static func firstAnswer(_ made: BillingTransaction, to amount: Money?, of invoice: Invoice) throws -> InvoiceAnswer {
        // Without an amount, the first request asked for all that was left, so that nothing was left after it.
        guard made.invoice == invoice.number, amount ?? made.amount == made.amount, amount != nil || made.refunded == invoice.total else {
            throw ServiceError.idempotencyConflict("The refund \(made.reference ?? "") was made with other content.")
        }
        return InvoiceAnswer(invoice: invoice.asRefunded(made.refunded), isDuplicate: true)
    }

    /// Stores a step of the invoice's life with the billing transactions that the rules return for it.
    func step(
        _ before: Invoice, of tenant: Tenant, at now: Timestamp, reference: String? = nil, in transaction: Transaction,
        _ step: (inout Invoice) throws -> [BillingTransaction]
    ) throws -> InvoiceAnswer {
        var after = before
        let transactions = try Self.allowed { try step(&after) }
        let notes = try settings.issuer.save([(before, after)], at: now, reference: reference, of: tenant, in: transaction)
        try BillingTransactions.insert(transactions, of: tenant, in: transaction)
        try followInvoices(after: before, of: tenant, at: now, in: transaction)
        return InvoiceAnswer(invoice: after, isDuplicate: false, note: notes.first)
    }

    /// Runs a rule, and turns its errors into those that callers know.
    private static func allowed<Result>(_ step: () throws -> Result) throws -> Result {
        do {
            return try step()
        } catch let error as InvalidInvoiceStep {
            let step = error.event.rawValue.replacing("_", with: " ")
            throw ServiceError.invalidTransition("An invoice that is \(error.from.rawValue) has no \(step).")
        } catch let error as RefundTooLarge {
            throw ServiceError.invalid(field: "amount", expected: "expected more than 0 and at most \(error.left.text), which is left")
        }
    }
}
