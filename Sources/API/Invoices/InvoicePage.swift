import Crypto
import HTTP
import Metering
import Web

/// An invoice as a page to print, in the shop's name.
struct InvoicePage {
    let invoice: Invoice
    let shop: Shop
    /// What was taken back of it, the oldest first.
    let notes: [CreditNote]

    func response() throws -> Response { try .sheet(html) }

    var number: String { invoice.number.rawValue }
    var user: String { invoice.bill.user.rawValue }
    var seller: [HTML] { Self.party(invoice.terms.seller) }
    var customer: [HTML] { Self.party(invoice.terms.customer) }
    var sellerName: String { invoice.terms.seller.name ?? shop.name }
    var plan: String { invoice.bill.planDisplayName }
    var currency: String { invoice.bill.currency.code }
    var issued: String { invoice.issuedAt.day.words }
    var due: String { invoice.dueAt.day.words }
    /// The word on the stamp, which is also its class in the style.
    var stamp: String { invoice.status == .pending ? "open" : invoice.status.rawValue }

    var paid: [HTML] {
        guard let paidAt = invoice.paidAt else { return [] }
        let reference: [HTML] = invoice.paymentReference.map { ["<div><dt>Payment</dt><dd>\($0)</dd></div>"] } ?? []
        return ["<div><dt>Paid</dt><dd>\(paidAt.day.words)</dd></div>"] + reference
    }

    var lines: [HTML] {
        invoice.bill.lines.map { line in
            let quantity: [HTML] =
                line.quantity.map { ["<small>\(String($0)) × \(line.unitPrice?.text(in: invoice.bill.currency) ?? "–")</small>"] } ?? []
            return """
                <tr><td>\(line.description)\(quantity)</td><td class="time">\(line.period.words)</td>\
                <td class="amount">\(words(line.amount))</td></tr>
                """
        }
    }

    static func party(_ party: InvoiceParty) -> [HTML] {
        let name: [HTML] = party.name.map { ["<strong>\($0)</strong><br>"] } ?? []
        let address: [HTML] = (party.address?.lines ?? []).map { "\($0)<br>" }
        let taxID: [HTML] = party.taxID.map { ["Tax id \($0)"] } ?? []
        return name + address + taxID
    }

    /// The rows of the taxes below the subtotal: those on top of it and those it contains; or why there is none.
    private var taxes: [HTML] {
        if let exemption = invoice.terms.taxes.exemption {
            return ["<tr class=\"note\"><td colspan=\"2\">No tax: \(exemption)</td></tr>\n"]
        }
        guard !invoice.taxes.isEmpty else { return [] }
        let rates = invoice.taxes.map { line in
            row("\(line.rate.name) \(line.rate.percent.text) %\(line.rate.isInclusive ? ", included" : "")", line.amount, "")
        }
        return [row("Without tax", invoice.subtotal, "")] + rates
    }

    /// The rows below the lines: the fees and the credit, when there is credit; the taxes; the total; and what was refunded, if any.
    var sums: [HTML] {
        let taken = invoice.bill.total - invoice.bill.charged
        let parts = taken == .zero ? [] : [("Fees", invoice.bill.charged), ("Credit", taken)]
        let refunded = invoice.refunded == .zero ? [] : [("Refunded", -invoice.refunded)]
        return parts.map { row($0, $1, "") } + taxes + [row("Total", invoice.total, "total")] + refunded.map { row($0, $1, "") } + noted
    }

    private var noted: [HTML] {
        notes.map { note in
            "<tr class=\"note\"><td>Credit note \(note.number.rawValue)</td><td class=\"amount\">\(words(-note.amount)) \(currency)</td></tr>\n"
        }
    }

    private func row(_ label: String, _ amount: Money, _ rowClass: String) -> HTML {
        "<tr class=\"\(rowClass)\"><th>\(label)</th><td class=\"amount\">\(words(amount)) \(currency)</td></tr>\n"
    }

    /// The amount with U+2212 as its minus sign.
    private func words(_ amount: Money) -> String { amount.text(in: invoice.bill.currency).replacing("-", with: "\u{2212}") }
}

extension Response {
    /// A page on `InvoicePage.style` with a policy for browsers: nothing is loaded or run, and only that style counts (CSP Level 3, 2.3.1).
    /// Throws when libcrypto fails.
    static func sheet(_ html: HTML) throws -> Response {
        let hash = try SHA256.hash(Array(InvoicePage.style.text.utf8))
        let digest = Base64URL.text(hash).replacing("-", with: "+").replacing("_", with: "/")
        let policy = "default-src 'none'; style-src 'sha256-\(digest)='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        var response = Response.text(200, html.text, as: MediaType.html)
        response.headers.add("content-security-policy", policy)
        response.headers.add("x-content-type-options", "nosniff")
        return response
    }
}

extension CivilDay {
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ]

    /// `10 November 2026`
    var words: String { "\(wordsWithoutYear) \(year)" }

    var wordsWithoutYear: String { "\(day) \(Self.months[month - 1])" }
}

extension Period {
    /// From the period's first day to its last one.
    var words: String {
        let (first, last) = (start.day, max(start, end.adding(milliseconds: -1)).day)
        if first == last { return last.words }
        return "\(first.year == last.year ? first.wordsWithoutYear : first.words) – \(last.words)"
    }
}
