package struct TransactionID: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

package struct RefundID: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// A step in what a user and a shop owe each other, before it is stored under an id.
package struct BillingTransaction: Equatable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        /// Paid for a plan.
        case subscription
        /// Paid for use beyond a plan.
        case overage
        /// Owed no more, or kept for later invoices.
        case credit
        /// Given back.
        case refund
    }

    package let kind: Kind
    package let user: UserID
    package let invoice: InvoiceNumber?
    package let amount: Money
    package let currency: Currency
    /// The payment's or the refund's name; a credit's reason.
    package let reference: String?
    package let at: Timestamp
    /// What of the invoice was refunded after it.
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

/// A movement as it is kept.
package struct RecordedTransaction: Equatable, Sendable {
    package let id: TransactionID
    package let movement: BillingTransaction

    package init(id: TransactionID, movement: BillingTransaction) {
        self.id = id
        self.movement = movement
    }
}
