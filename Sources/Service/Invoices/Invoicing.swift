package import Metering
internal import Store

/// What a step of an invoice's life came to.
package struct InvoiceAnswer: Sendable {
    /// As it was after the step.
    package let invoice: Invoice
    /// Whether the step was done before: then this is the first answer.
    package let isDuplicate: Bool
}

extension ShopMeter {
    /// With a `user`, only that user's: another's is `notFound`.
    package func invoice(_ number: InvoiceNumber, of tenant: Tenant, user: UserID? = nil) async throws -> Invoice {
        try await read { try Self.invoice(number, of: tenant, user: user, $0) }
    }

    /// Newest first.
    package func invoices(
        of tenant: Tenant, user: UserID?, status: InvoiceStatus?, after: (at: Timestamp, id: InvoiceNumber)?, limit: Int
    ) async throws -> [Invoice] {
        try await read { try Invoices.list(of: tenant, .init(user: user, status: status), after: after, limit: limit, $0) }
    }

    /// Newest first.
    package func moneyTransactions(
        of tenant: Tenant, user: UserID?, after: (at: Timestamp, id: TransactionID)?, limit: Int
    ) async throws -> [RecordedTransaction] {
        try await read { try BillingTransactions.list(of: tenant, user: user, after: after, limit: limit, $0) }
    }

    /// Notes that the invoice was paid, once for the reference. Throws `invalidTransition` when it cannot be paid, or was by another.
    package func payInvoice(_ number: InvoiceNumber, reference: String, of tenant: Tenant) async throws -> InvoiceAnswer {
        let now = try await now(of: tenant)
        return try await transaction { transaction in
            let invoice = try Self.invoice(number, of: tenant, transaction)
            return try Self.pay(invoice, reference: reference, of: tenant, at: now, in: transaction)
        }
    }

    /// The same of an invoice that was read in a transaction that does more.
    static func pay(
        _ invoice: Invoice, reference: String, of tenant: Tenant, at now: Timestamp, in transaction: Transaction
    ) throws -> InvoiceAnswer {
        if invoice.paymentReference == reference { return InvoiceAnswer(invoice: invoice.asPaid, isDuplicate: true) }
        return try step(invoice, of: tenant, in: transaction) { try $0.pay(reference, at: now) }
    }

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
            try await issuing(tenant) { transaction in
                try once.run(of: tenant, at: now, in: transaction) {
                    let invoice = try Self.invoice(number, of: tenant, transaction)
                    // First, as it may issue invoices, whose numbers are taken before all else; a step that is refused undoes it.
                    try LoadedBillingState.giveBackCredit(of: invoice.bill, tenant, settings: settings, at: now, in: transaction)
                    return try Self.step(invoice, of: tenant, in: transaction) { [try $0.cancel(at: now)] }
                }
            }
        }
    }

    package func newRefundID() throws -> RefundID { RefundID(stored: "ref_" + (try newToken())) }

    /// Gives back a part of what was paid, nil for all that is left, once for the refund's id.
    package func refundInvoice(
        _ number: InvoiceNumber, _ amount: Money?, as id: RefundID, of tenant: Tenant
    ) async throws -> InvoiceAnswer {
        let now = try await now(of: tenant)
        return try await retryingDuplicates {
            try await transaction { transaction in
                let invoice = try Self.invoice(number, of: tenant, transaction)
                if let made = try BillingTransactions.refund(id, of: tenant, transaction) {
                    return try Self.firstAnswer(made.movement, to: amount, of: invoice)
                }
                return try Self.step(invoice, of: tenant, in: transaction) { [try $0.refund(amount, as: id, at: now)] }
            }
        }
    }

    private static func firstAnswer(_ made: BillingTransaction, to amount: Money?, of invoice: Invoice) throws -> InvoiceAnswer {
        // Without an amount the first one asked for all that was left: then nothing was left after it.
        guard made.invoice == invoice.number, amount ?? made.amount == made.amount, amount != nil || made.refunded == invoice.total else {
            throw ServiceError.idempotencyConflict("The refund \(made.reference ?? "") was made with other content.")
        }
        return InvoiceAnswer(invoice: invoice.asRefunded(made.refunded), isDuplicate: true)
    }

    private static func invoice(
        _ number: InvoiceNumber, of tenant: Tenant, user: UserID? = nil, _ reading: Reading
    ) throws -> Invoice {
        guard let invoice = try Invoices.find(number, of: tenant, reading), user ?? invoice.bill.user == invoice.bill.user else {
            throw ServiceError.notFound("There is no invoice \(number).")
        }
        return invoice
    }

    /// Stores a step of the invoice's life with the transactions that it writes.
    private static func step(
        _ before: Invoice, of tenant: Tenant, in transaction: Transaction, _ step: (inout Invoice) throws -> [BillingTransaction]
    ) throws -> InvoiceAnswer {
        var after = before
        let movements = try allowed { try step(&after) }
        try Invoices.save([(before, after)], of: tenant, in: transaction)
        try BillingTransactions.insert(movements, of: tenant, in: transaction)
        return InvoiceAnswer(invoice: after, isDuplicate: false)
    }

    /// What the rules refuse, as callers know it.
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
