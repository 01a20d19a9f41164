package import Bytes

/// `AVOIR-202611-0001`: the month in which a credit note was issued, and its sequence number there, from 1 without gaps in each shop and month.
package struct CreditNoteNumber: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }

    private static let prefix = "AVOIR-"
    /// The offset of the six digits of the month in the text, in bytes.
    package static let monthOffset = Int64(prefix.utf8.count)

    package init(_ sequence: Int64, in month: CivilMonth) { rawValue = "\(Self.prefix)\(month.basic)-\(sequence.fourDigits)" }
}

/// A document that takes back a part of an invoice, or all of it: an invoice that was issued is not changed by anything else.
package struct CreditNote: Equatable, Sendable {
    package enum Reason: String, CaseIterable, Sendable {
        /// Money was given back.
        case refund
        /// The invoice was cancelled.
        case cancellation
        /// A change of plan, a suspension or credit lowered what was owed.
        case reduction
    }

    package let number: CreditNoteNumber
    package let user: UserID
    package let invoice: InvoiceNumber
    package let reason: Reason
    /// What for, as the invoice's lines say it; empty where they say nothing.
    @Bytewise package var words: String
    /// The refund's id; nil of others.
    package let reference: String?
    package let currency: Currency
    /// With the taxes; above 0.
    package let amount: Money
    /// The invoice's rates, each with the part of its tax that is taken back.
    package let taxes: [TaxLine]
    package let issuedAt: Timestamp
    package let seller: InvoiceParty
    package let customer: InvoiceParty

    /// The most characters of `words`.
    package static let maximumWords = 500

    package init(
        number: CreditNoteNumber, user: UserID, invoice: InvoiceNumber, reason: Reason, words: String, reference: String?,
        currency: Currency, amount: Money, taxes: [TaxLine], issuedAt: Timestamp, seller: InvoiceParty, customer: InvoiceParty
    ) {
        self.number = number
        self.user = user
        self.invoice = invoice
        self.reason = reason
        self.words = words
        self.reference = reference
        self.currency = currency
        self.amount = amount
        self.taxes = taxes
        self.issuedAt = issuedAt
        self.seller = seller
        self.customer = customer
    }

    package var tax: Money { taxes.map(\.amount).sum }

    /// Without any tax.
    package var subtotal: Money { amount - tax }
}

/// A step after which less of an issued invoice stands than before. With S what stands (nothing of a cancelled invoice, else its total less what was
/// given back), its note is of S before − S after, and of each tax likewise, of which S ÷ total stands: so that the notes of an invoice come to all that
/// was taken back of it, tax by tax, in however many parts.
package struct InvoiceCorrection: Sendable {
    package let before: Invoice
    package let after: Invoice
    /// The refund's id.
    package let reference: String?

    /// Nil where as much stands as before.
    package init?(of before: Invoice, to after: Invoice, reference: String? = nil) {
        guard after.standing < before.standing else { return nil }
        self.before = before
        self.after = after
        self.reference = reference
    }

    package var amount: Money { before.standing - after.standing }

    private var reason: CreditNote.Reason {
        if after.refunded > before.refunded { return .refund }
        return after.bill == before.bill ? .cancellation : .reduction
    }

    package func note(_ number: CreditNoteNumber, at now: Timestamp) -> CreditNote {
        let (were, are) = (before.standingTaxes, after.standingTaxes)
        let parts = before.terms.taxes.rates.indices.map { index in
            (were.isEmpty ? .zero : were[index]) - (are.isEmpty ? .zero : are[index])
        }
        let subtotal = amount - parts.sum
        let words = after.bill.lines.dropFirst(before.bill.lines.count).map(\.description).joined(separator: "; ")
        return CreditNote(
            number: number, user: before.bill.user, invoice: before.number, reason: reason,
            words: String(words.prefix(CreditNote.maximumWords)), reference: reference, currency: before.bill.currency, amount: amount,
            taxes: zip(before.terms.taxes.rates, parts).map { TaxLine(rate: $0, taxable: subtotal, amount: $1) }, issuedAt: now,
            seller: before.terms.seller, customer: before.terms.customer)
    }
}

extension Invoice {
    /// What of the invoice was not taken back, whether it is paid or not.
    package var standing: Money { status == .cancelled ? .zero : total - refunded }

    /// The part of each tax that stands; empty where nothing does.
    fileprivate var standingTaxes: [Money] {
        let standing = standing
        guard standing > .zero else { return [] }
        return taxes.map { standing == total ? $0.amount : standing.part($0.amount, of: total, in: bill.currency) }
    }
}

extension Int64 {
    /// With four digits, or as many as it has.
    var fourDigits: String { String(repeating: "0", count: Swift.max(0, 4 - String(self).utf8.count)) + String(self) }
}
