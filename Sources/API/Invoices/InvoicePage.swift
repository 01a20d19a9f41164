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
    let wording: InvoiceWording

    func response() throws -> Response { try .sheet(html, style: InvoicePage.style(in: color)) }

    var number: String { invoice.number.rawValue }
    var user: String { invoice.bill.user.rawValue }
    var seller: [HTML] { Self.party(invoice.terms.seller, wording) }
    var customer: [HTML] { Self.party(invoice.terms.customer, wording) }
    var sellerName: String { invoice.terms.seller.name ?? shop.name }
    var plan: String { invoice.bill.planDisplayName }
    var currency: String { invoice.bill.currency.code }
    var issued: String { wording.words(invoice.issuedAt.day) }
    var due: String { wording.words(invoice.dueAt.day) }
    /// The stamp's class in the style.
    var stampClass: String { invoice.status == .pending ? "open" : invoice.status.rawValue }
    var stamp: String { wording.statuses[invoice.status] ?? invoice.status.rawValue }
    var color: String? { shop.rules.color?.text }

    var paid: [HTML] {
        guard let paidAt = invoice.paidAt else { return [] }
        let reference: [HTML] = invoice.paymentReference.map { ["<dl><dt>\(wording.payment)</dt><dd>\($0)</dd></dl>"] } ?? []
        return ["<dl><dt>\(wording.paid)</dt><dd>\(wording.words(paidAt.day))</dd></dl>"] + reference
    }

    var lines: [HTML] {
        invoice.bill.lines.map { line in
            let quantity: [HTML] =
                line.quantity.map {
                    [
                        "<small>\(wording.words(String($0))) × \(line.unitPrice.map { wording.words($0, in: invoice.bill.currency) } ?? "–")</small>"
                    ]
                } ?? []
            return """
                <tr><td>\(wording.words(line))\(quantity)</td><td class="time">\(wording.words(line.period))</td>\
                <td class="amount">\(words(line.amount))</td></tr>
                """
        }
    }

    static func party(_ party: InvoiceParty, _ wording: InvoiceWording) -> [HTML] {
        let name: [HTML] = party.name.map { ["<strong>\($0)</strong><br>"] } ?? []
        let address: [HTML] = (party.address?.lines ?? []).map { "\($0)<br>" }
        let taxID: [HTML] = party.taxID.map { ["\(wording.taxID) \($0)"] } ?? []
        return name + address + taxID
    }

    /// The rows of the taxes below the subtotal: those on top of it and those it contains; or why there is none.
    private var taxes: [HTML] {
        if let exemption = invoice.terms.taxes.exemption {
            return ["<tr class=\"note\"><td colspan=\"2\">\(wording.noTax)\(wording.space): \(exemption)</td></tr>\n"]
        }
        guard !invoice.taxes.isEmpty else { return [] }
        let rates = invoice.taxes.map { line in
            row(wording.words(line.rate), line.amount, "")
        }
        return [row(wording.withoutTax, invoice.subtotal, "")] + rates
    }

    /// The rows below the lines: the fees and the credit, when there is credit; the taxes; the total; and what was refunded, if any.
    var sums: [HTML] {
        let taken = invoice.bill.total - invoice.bill.charged
        let parts = taken == .zero ? [] : [(wording.fees, invoice.bill.charged), (wording.credit, taken)]
        let refunded = invoice.refunded == .zero ? [] : [(wording.refunded, -invoice.refunded)]
        return parts.map { row($0, $1, "") } + taxes + [row(wording.total, invoice.total, "total")] + refunded.map { row($0, $1, "") }
            + noted
    }

    private var noted: [HTML] {
        notes.map { note in
            "<tr class=\"note\"><td>\(wording.creditNote) \(note.number.rawValue)</td><td class=\"amount\">\(words(-note.amount)) \(currency)</td></tr>\n"
        }
    }

    private func row(_ label: String, _ amount: Money, _ rowClass: String) -> HTML {
        "<tr class=\"\(rowClass)\"><th>\(label)</th><td class=\"amount\">\(words(amount)) \(currency)</td></tr>\n"
    }

    private func words(_ amount: Money) -> String { wording.words(amount, in: invoice.bill.currency) }
}

extension Response {
    /// A page with a style and a policy for browsers: nothing is loaded or run, and only that style counts (CSP Level 3, 2.3.1).
    /// Throws when libcrypto fails.
    static func sheet(_ html: HTML, style: HTML) throws -> Response {
        let hash = try SHA256.hash(Array(style.text.utf8))
        let digest = Base64URL.text(hash).replacing("-", with: "+").replacing("_", with: "/")
        let policy = "default-src 'none'; style-src 'sha256-\(digest)='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        var response = Response.text(200, html.text, as: MediaType.html)
        response.headers.add("content-security-policy", policy)
        response.headers.add("x-content-type-options", "nosniff")
        return response
    }
}
