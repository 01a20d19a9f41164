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
        let parts = [(BillingTransaction.Kind.subscription, total - bill.overage), (.overage, bill.overage)]
        return parts.filter { $0.1 > .zero }.map { transaction($0.0, $0.1, reference, at: now) }
    }

    package mutating func fallDue() throws(InvalidInvoiceStep) { status = try status.after(.fallDue) }

    /// The total is owed no more. The transaction is a credit of the total.
    package mutating func cancel(at now: Timestamp) throws(InvalidInvoiceStep) -> BillingTransaction {
        status = try status.after(.cancel)
        return transaction(.credit, total, nil, at: now)
    }

    /// Gives back `amount`; nil: all that is left. The invoice stays paid until all of its total was given back. Throws
    /// `InvalidInvoiceStep` where the invoice is not paid, `RefundTooLarge` where the amount is 0 or more than is left.
    package mutating func refund(_ amount: Money?, as reference: RefundID, at now: Timestamp) throws -> BillingTransaction {
        let after = try status.after(.refund)
        let amount = amount ?? refundable
        guard amount > .zero, amount <= refundable else { throw RefundTooLarge(left: refundable) }
        refunded += amount
        if refunded == total { status = after }
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

/// The first answers to steps, as a repeated request gets them.
extension Invoice {
    /// The invoice as it was just after it was paid.
    package var asPaid: Invoice { asRefunded(.zero) }

    /// The invoice as it was just after `amount` of it, in all, was given back.
    package func asRefunded(_ amount: Money) -> Invoice {
        var invoice = self
        (invoice.refunded, invoice.status) = (amount, amount == total ? .refunded : .paid)
        return invoice
    }
}
