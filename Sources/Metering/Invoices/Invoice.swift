/// `FACT-202611-0001`: the month in which an invoice was issued, and its sequence number there, from 1 without gaps in each shop and month.
package struct InvoiceNumber: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }

    private static let prefix = "FACT-"
    /// The offset of the six digits of the month in the text, and their count, in bytes.
    package static let monthOffset = Int64(prefix.utf8.count)
    package static let monthLength: Int64 = 6

    /// Writes `sequence` with four digits, or as many as it has.
    package init(_ sequence: Int64, in month: CivilMonth) {
        rawValue = "\(Self.prefix)\(month.basic)-\(sequence.fourDigits)"
    }
}

/// A bill that was issued under a number. While it is open, lines that lower it are added; else only its status moves, by
/// the steps of `InvoiceLifecycle.swift`.
package struct Invoice: Equatable, Sendable {
    package let number: InvoiceNumber
    package internal(set) var bill: Bill
    package internal(set) var status: InvoiceStatus
    package let issuedAt: Timestamp
    /// The instant from which the invoice is overdue, if it is not paid.
    package let dueAt: Timestamp
    package internal(set) var paidAt: Timestamp?
    /// The payer's name of the payment; nil where nobody paid: the invoice is unpaid, or its total is 0.
    package internal(set) var paymentReference: String?
    /// The part of the total that was given back.
    package internal(set) var refunded: Money
    /// The part of the credit that it used which is the user's again, as the invoice was refunded.
    package internal(set) var creditReturned: Money
    package let terms: InvoiceTerms
    /// The total at the issue; nil of an invoice from before it was kept. What was taken back since has credit notes.
    package let issuedTotal: Money?

    package init(
        number: InvoiceNumber, bill: Bill, status: InvoiceStatus, issuedAt: Timestamp, dueAt: Timestamp, paidAt: Timestamp? = nil,
        paymentReference: String? = nil, refunded: Money = .zero, creditReturned: Money = .zero, terms: InvoiceTerms = InvoiceTerms(),
        issuedTotal: Money? = nil
    ) {
        self.issuedTotal = issuedTotal
        self.terms = terms
        self.creditReturned = creditReturned
        self.number = number
        self.bill = bill
        self.status = status
        self.issuedAt = issuedAt
        self.dueAt = dueAt
        self.paidAt = paidAt
        self.paymentReference = paymentReference
        self.refunded = refunded
    }

    /// A new invoice, due `days` after it is issued. An invoice whose total is 0 is paid at once.
    package static func issued(
        _ bill: Bill, as number: InvoiceNumber, at now: Timestamp, dueAfterDays days: Int, terms: InvoiceTerms = InvoiceTerms()
    ) -> Invoice {
        let isPaid = bill.total == .zero
        let total = terms.taxes.total(of: bill.total, in: bill.currency)
        return Invoice(
            number: number, bill: bill, status: isPaid ? .paid : .pending, issuedAt: now, dueAt: now.adding(days: days),
            paidAt: isPaid ? now : nil, terms: terms, issuedTotal: total)
    }

    /// One line a rate.
    package var taxes: [TaxLine] { terms.taxes.lines(on: bill.total, in: bill.currency) }

    /// The sum of all taxes, those too that the lines contain.
    package var tax: Money { taxes.map(\.amount).sum }

    /// The total without any tax.
    package var subtotal: Money { total - tax }

    /// What is to be paid: the lines, and the taxes on top of them.
    package var total: Money { terms.taxes.total(of: bill.total, in: bill.currency) }

    /// The part of the total that is for overage, with its part of the taxes.
    package var overage: Money {
        let (all, overage) = (bill.total, bill.overage)
        return all == .zero ? .zero : total == all ? overage : total.part(overage, of: all, in: bill.currency)
    }

    /// The part of an amount of the total that is for the bill's lines, and not for taxes on top of them: all of it where there are none.
    func beforeTax(_ amount: Money) -> Money {
        amount == total ? bill.total : amount.part(bill.total, of: total, in: bill.currency)
    }
}
