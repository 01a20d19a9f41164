package enum InvoiceStatus: String, CaseIterable, Hashable, Sendable {
    case pending, paid, overdue, cancelled, refunded
}

/// What can happen to an invoice.
package enum InvoiceEvent: String, CaseIterable, Sendable {
    case pay
    /// Its day has passed without a payment.
    case fallDue = "fall_due"
    case cancel
    /// All that was paid is given back.
    case refund
}

/// The lifecycle does not have this step.
package struct InvalidInvoiceStep: Error, Equatable, Sendable {
    package let from: InvoiceStatus
    package let event: InvoiceEvent

    package init(from: InvoiceStatus, event: InvoiceEvent) {
        self.from = from
        self.event = event
    }
}

extension InvoiceStatus {
    /// The status after `event`. What is cancelled or refunded stays so.
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

/// More is to be given back than is left of what was paid.
package struct RefundTooLarge: Error, Equatable, Sendable {
    package let left: Money
}

extension Invoice {
    /// What was paid and not given back.
    package var refundable: Money { status == .paid ? total - refunded : .zero }

    package mutating func pay(_ reference: String, at now: Timestamp) throws(InvalidInvoiceStep) -> [BillingTransaction] {
        status = try status.after(.pay)
        paidAt = now
        paymentReference = reference
        let parts = [(BillingTransaction.Kind.subscription, total - bill.overage), (.overage, bill.overage)]
        return parts.filter { $0.1 > .zero }.map { movement($0.0, $0.1, reference, at: now) }
    }

    package mutating func fallDue() throws(InvalidInvoiceStep) { status = try status.after(.fallDue) }

    package mutating func cancel(at now: Timestamp) throws(InvalidInvoiceStep) -> BillingTransaction {
        status = try status.after(.cancel)
        return movement(.credit, total, nil, at: now)
    }

    /// Gives back `amount`, nil for all that is left. The last part of the total makes the invoice refunded.
    package mutating func refund(_ amount: Money?, as reference: RefundID, at now: Timestamp) throws -> BillingTransaction {
        let after = try status.after(.refund)
        let amount = amount ?? refundable
        guard amount > .zero, amount <= refundable else { throw RefundTooLarge(left: refundable) }
        refunded += amount
        if refunded == total { status = after }
        return movement(.refund, amount, reference.rawValue, at: now)
    }

    private func movement(_ kind: BillingTransaction.Kind, _ amount: Money, _ reference: String?, at now: Timestamp) -> BillingTransaction {
        BillingTransaction(
            kind: kind, user: bill.user, invoice: number, amount: amount, currency: bill.currency, reference: reference, at: now,
            refunded: refunded)
    }
}

extension Invoice {
    /// As it was when it was just paid.
    package var asPaid: Invoice { asRefunded(.zero) }

    /// As it was when that much of it was just refunded.
    package func asRefunded(_ amount: Money) -> Invoice {
        var invoice = self
        (invoice.refunded, invoice.status) = (amount, amount == total ? .refunded : .paid)
        return invoice
    }
}
