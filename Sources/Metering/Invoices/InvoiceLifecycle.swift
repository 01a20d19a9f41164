package enum InvoiceStatus: String, CaseIterable, Hashable, Sendable {
    case pending, paid, overdue, cancelled, refunded
}

/// The events in the life of an invoice.
package enum InvoiceEvent: String, CaseIterable, Sendable {
    case pay
    /// The due day has passed without a payment.
    case fallDue = "fall_due"
    case cancel
    /// All that was paid is given back.
    case refund
}

/// The lifecycle of invoices has no such step from this status.
package struct InvalidInvoiceStep: Error, Equatable, Sendable {
    package let from: InvoiceStatus
    package let event: InvoiceEvent

    package init(from: InvoiceStatus, event: InvoiceEvent) {
        self.from = from
        self.event = event
    }
}

extension InvoiceStatus {
    /// The status after `event`; – is no step, and throws.
    ///
    ///                  pay    fall_due  cancel     refund
    ///     pending      paid   overdue   cancelled  –
    ///     overdue      paid   –         cancelled  –
    ///     paid         –      –         –          refunded
    ///     cancelled    –      –         –          –
    ///     refunded     –      –         –          –
    package func after(_ event: InvoiceEvent) throws(InvalidInvoiceStep) -> InvoiceStatus {
        switch (self, event) {
        case (.pending, .pay), (.overdue, .pay): .paid
        case (.pending, .fallDue): .overdue
        case (.pending, .cancel), (.overdue, .cancel): .cancelled
        case (.paid, .refund): .refunded
        default: throw InvalidInvoiceStep(from: self, event: event)
        }
    }
}

/// More was to be given back than is left of the payment, or nothing.
package struct RefundTooLarge: Error, Equatable, Sendable {
    package let left: Money
}

extension Invoice {
    /// The part of the payment that was not given back.
    package var refundable: Money { status == .paid ? total - refunded : .zero }

    /// The credit that the bill keeps for later invoices, as a transaction of its issue; nil when it keeps none.
    package func keptCredit(at now: Timestamp) -> BillingTransaction? {
        bill.kept > .zero ? transaction(.credit, bill.kept, nil, at: now) : nil
    }

    /// Pays the invoice whole. One transaction for the plan and one for overage, each only where it is above 0.
    package mutating func pay(_ reference: String, at now: Timestamp) throws(InvalidInvoiceStep) -> [BillingTransaction] {
        status = try status.after(.pay)
        paidAt = now
        paymentReference = reference
        let parts = [(BillingTransaction.Kind.subscription, total - overage), (.overage, overage)]
        return parts.filter { $0.1 > .zero }.map { transaction($0.0, $0.1, reference, at: now) }
    }

    /// The invoice at `now`: overdue from its due day on, also before the job notes it.
    package func asOf(_ now: Timestamp) -> Invoice {
        var invoice = self
        if status == .pending, dueAt <= now { invoice.status = .overdue }
        return invoice
    }

    package mutating func fallDue() throws(InvalidInvoiceStep) { status = try status.after(.fallDue) }

    /// The total is owed no more. The transaction is a credit of the total.
    package mutating func cancel(at now: Timestamp) throws(InvalidInvoiceStep) -> BillingTransaction {
        status = try status.after(.cancel)
        return transaction(.credit, total, nil, at: now)
    }

    /// Gives back `amount`; nil: all that is left. The invoice stays paid until all of its total was given back; then the credit that it used is the
    /// user's again (`creditReturned`). Throws
    /// `InvalidInvoiceStep` where the invoice is not paid, `RefundTooLarge` where the amount is 0 or more than is left.
    package mutating func refund(_ amount: Money?, as reference: RefundID, at now: Timestamp) throws -> BillingTransaction {
        let after = try status.after(.refund)
        let isOfCreditAlone = amount == nil && total == .zero && bill.creditUsed > .zero
        let amount = amount ?? refundable
        guard amount > .zero || isOfCreditAlone, amount <= refundable else { throw RefundTooLarge(left: refundable) }
        refunded += amount
        if refunded == total { (status, creditReturned) = (after, bill.creditUsed) }
        return transaction(.refund, amount, reference.rawValue, at: now)
    }

    private func transaction(
        _ kind: BillingTransaction.Kind, _ amount: Money, _ reference: String?, at now: Timestamp
    ) -> BillingTransaction {
        BillingTransaction(
            kind: kind, user: bill.user, invoice: number, amount: amount, currency: bill.currency, reference: reference, at: now,
            refunded: refunded)
    }
}

/// What lowers an invoice that is open. Each appends a line.
extension Invoice {
    package var isOpen: Bool { status == .pending || status == .overdue }

    /// The part of an open invoice's lines that is for the plan and not for overage.
    var openFee: Money { isOpen ? bill.total - bill.overage : .zero }

    /// Takes `amount`, at most `openFee`, off its lines, and the taxes with it. An invoice of which nothing is left to pay is cancelled, or paid where credit had paid
    /// the rest of it.
    mutating func lower(by amount: Money, because words: String, at now: Timestamp) {
        append(amount, words)
        guard total == .zero else { return }
        status = bill.creditUsed == .zero ? .cancelled : .paid
        if status == .paid { paidAt = now }
    }

    /// Pays `amount`, at most the sum of the lines, from the user's credit, which is before tax as they are.
    mutating func pay(credit amount: Money, at now: Timestamp) {
        append(amount, "Credit")
        bill.creditUsed += amount
        if total == .zero { (status, paidAt) = (.paid, now) }
    }

    private mutating func append(_ amount: Money, _ words: String) {
        let span = bill.lines.first?.period ?? Period(start: issuedAt, end: issuedAt)
        bill.lines.append(InvoiceLine(.credit, words, for: span, amount: -amount))
    }
}

/// The first answers to steps, as a repeated request gets them.
extension Invoice {
    /// The invoice as it was just after it was paid.
    package var asPaid: Invoice { asRefunded(.zero) }

    /// The invoice as it was just after `amount` of it, in all, was given back.
    package func asRefunded(_ amount: Money) -> Invoice {
        var invoice = self
        (invoice.refunded, invoice.status) = (amount, amount == total && (total > .zero || creditReturned > .zero) ? .refunded : .paid)
        return invoice
    }
}
