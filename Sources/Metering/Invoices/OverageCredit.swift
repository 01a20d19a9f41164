/// Overage that an invoice has billed.
package struct BilledOverage: Equatable, Sendable {
    package let invoice: Invoice
    private let quantity: Quantity
    private let price: Money
    /// The part of it that was credited before, and the credit for it.
    private let credited: Quantity
    private let credit: Money

    /// The bill among the invoices of an event's period, from the first that was issued to the last, that billed what overflowed with the event:
    /// the one of its stretch. Nil where none has.
    package init?(of event: RecordedEvent, in invoices: [Invoice], credited: (InvoiceNumber) throws -> [VoidCredit]) rethrows {
        for invoice in invoices {
            for line in invoice.bill.lines where line.kind == .overage && line.meter == event.content.meter {
                guard let quantity = line.quantity, let price = line.unitPrice, line.period.covers(event.recordedAt) else { continue }
                let before = try credited(invoice.number)
                (self.invoice, self.quantity, self.price) = (invoice, quantity, price)
                (self.credited, credit) = (before.reduce(0) { $0.bounded(adding: $1.overage) }, before.map(\.amount).sum)
                return
            }
        }
        return nil
    }

    /// The credit for the part of a debt that was billed and is not credited yet; nil where there is none. It is what the invoice's line asks for less
    /// without the part, rounded as the line was, so that all parts come to the line: nothing where the invoice is cancelled, and at most what of it
    /// was not given back.
    package func credit(forDebt debt: Quantity) -> VoidCredit? {
        let part = min(debt, max(0, quantity - credited))
        guard part > 0 else { return nil }
        func amount(_ quantity: Quantity) -> Money { (price * Int(max(0, quantity))).rounded(in: invoice.bill.currency) }
        let whole = amount(quantity - credited) - amount(quantity - credited - part)
        let paid = invoice.beforeTax(invoice.total - invoice.refunded)
        let given = paid + invoice.bill.creditUsed - invoice.creditReturned - credit
        let stands = invoice.status == .cancelled ? Money.zero : max(.zero, given)
        return VoidCredit(overage: part, amount: min(whole, stands), currency: invoice.bill.currency, invoice: invoice.number)
    }
}

extension Period {
    /// Whether the time is within, its end included.
    fileprivate func covers(_ time: Timestamp) -> Bool { start <= time && time <= end }
}
