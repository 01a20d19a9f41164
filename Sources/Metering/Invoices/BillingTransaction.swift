package struct TransactionID: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

package struct RefundID: ClientIdentifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// A step in what a user and a shop owe each other: money that was paid or given back, or a debt that ended as credit.
package struct BillingTransaction: Equatable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        /// The user paid for a plan.
        case subscription
        /// The user paid for overage.
        case overage
        /// An invoice was cancelled, or credit was kept for later invoices.
        case credit
        /// The shop gave a payment back.
        case refund
    }

    package let kind: Kind
    package let user: UserID
    /// Nil for a credit grant, which has no invoice.
    package let invoice: InvoiceNumber?
    package let amount: Money
    package let currency: Currency
    /// The payer's name of the payment, the refund's id, or the reason of a credit grant; nil for other credit.
    package let reference: String?
    package let at: Timestamp
    /// How much of the invoice was given back in all, after the step.
    package let refunded: Money

    package init(
        kind: Kind, user: UserID, invoice: InvoiceNumber?, amount: Money, currency: Currency, reference: String?, at: Timestamp,
        refunded: Money = .zero
    ) {
        self.kind = kind
        self.user = user
        self.invoice = invoice
        self.amount = amount
        self.currency = currency
        self.reference = reference
        self.at = at
        self.refunded = refunded
    }
}

/// A billing transaction with the id under which it is stored.
package struct RecordedTransaction: Equatable, Sendable {
    package let id: TransactionID
    package let transaction: BillingTransaction

    package init(id: TransactionID, transaction: BillingTransaction) {
        self.id = id
        self.transaction = transaction
    }
}
