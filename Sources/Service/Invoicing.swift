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
    ) async throws -> [MoneyTransaction] {
        try await read { try MoneyTransactions.list(of: tenant, user: user, after: after, limit: limit, $0) }
    }

    /// Notes that the invoice was paid, once for the reference. Throws `invalidTransition` when it cannot be paid, or was by another.
    package func payInvoice(_ number: InvoiceNumber, reference: String, of tenant: Tenant) async throws -> InvoiceAnswer {
        let now = try await now(of: tenant)
        return try await transaction { try Self.pay(number, reference: reference, of: tenant, at: now, in: $0) }
    }

    /// The same within a transaction that does more.
    static func pay(
        _ number: InvoiceNumber, reference: String, of tenant: Tenant, at now: Timestamp, in transaction: Transaction
    ) throws -> InvoiceAnswer {
        let before = try invoice(number, of: tenant, transaction)
        if before.paymentReference == reference { return InvoiceAnswer(invoice: before.asPaid, isDuplicate: true) }
        var after = before
        let movements = try allowed { try after.pay(reference, at: now) }
        try Invoices.save([(before, after)], of: tenant, in: transaction)
        try MoneyTransactions.insert(movements, of: tenant, in: transaction)
        return InvoiceAnswer(invoice: after, isDuplicate: false)
    }

    /// The credit that it used up is the user's again.
    package func cancelInvoice(
        _ number: InvoiceNumber, of tenant: Tenant, once: Once<InvoiceAnswer>? = nil
    ) async throws -> InvoiceAnswer {
        let (now, settings) = (try await now(of: tenant), settings)
        return try await retryingDuplicates {
            try await issuing(tenant) { transaction in
                try once?.replay(of: tenant, transaction)
                let before = try Self.invoice(number, of: tenant, transaction)
                var after = before
                let movement = try Self.allowed { try after.cancel(at: now) }
                try OpenLedger.giveBackCredit(of: before.bill, tenant, settings: settings, at: now, in: transaction)
                try Invoices.save([(before, after)], of: tenant, in: transaction)
                try MoneyTransactions.insert([movement], of: tenant, in: transaction)
                let answer = InvoiceAnswer(invoice: after, isDuplicate: false)
                try once?.remember(answer, of: tenant, at: now, in: transaction)
                return answer
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
                let before = try Self.invoice(number, of: tenant, transaction)
                if let made = try MoneyTransactions.refund(id, of: tenant, transaction) {
                    return try Self.firstAnswer(made.movement, to: amount, of: before)
                }
                var after = before
                let movement = try Self.allowed { try after.refund(amount, as: id, at: now) }
                try Invoices.save([(before, after)], of: tenant, in: transaction)
                try MoneyTransactions.insert([movement], of: tenant, in: transaction)
                return InvoiceAnswer(invoice: after, isDuplicate: false)
            }
        }
    }

    private static func firstAnswer(_ made: MoneyMovement, to amount: Money?, of invoice: Invoice) throws -> InvoiceAnswer {
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
