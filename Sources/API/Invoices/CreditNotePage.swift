import HTTP
import Metering

/// A credit note as a page to print, on the sheet of invoices.
struct CreditNotePage {
    let note: CreditNote
    let shop: Shop

    func response() throws -> Response { try .sheet(html) }

    private var seller: String { note.seller.name ?? shop.name }
    private var number: String { note.number.rawValue }
    private var user: String { note.user.rawValue }
    private var invoice: String { note.invoice.rawValue }
    private var issued: String { note.issuedAt.day.words }

    private var reason: String {
        let reason =
            switch note.reason {
            case .refund: "Refund"
            case .cancellation: "Cancellation"
            case .reduction: "Reduction"
            }
        return note.words.isEmpty ? reason : "\(reason): \(note.words)"
    }

    private var rows: [HTML] {
        let taxes = note.taxes.map { line in
            row("\(line.rate.name) \(line.rate.percent.text) %\(line.rate.isInclusive ? ", included" : "")", line.amount, "")
        }
        return (taxes.isEmpty ? [] : [row("Without tax", note.subtotal, "")] + taxes) + [row("Total", note.amount, "total")]
    }

    private func row(_ label: String, _ amount: Money, _ rowClass: String) -> HTML {
        "<tr class=\"\(rowClass)\"><th>\(label)</th><td class=\"amount\">\(amount.text(in: note.currency)) \(note.currency.code)</td></tr>\n"
    }

    private var html: HTML {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>Credit note \(number) – \(seller)</title>
        <style>\([InvoicePage.style])</style>
        </head>
        <body>
        <main>
        <header>
        <h1>\(seller)</h1>
        <div class="name"><span>Credit note</span><strong>\(number)</strong></div>
        </header>
        <dl>
        <div><dt>For</dt><dd>\(InvoicePage.party(note.customer))<span>\(user)</span></dd></div>
        <div><dt>Seller</dt><dd>\(note.seller.isEmpty ? [HTML("\(shop.name)")] : InvoicePage.party(note.seller))</dd></div>
        <div><dt>Issued</dt><dd>\(issued)</dd></div>
        <div><dt>Of the invoice</dt><dd>\(invoice)</dd></div>
        <div><dt>Reason</dt><dd>\(reason)</dd></div>
        </dl>
        <table class="sums">
        \(rows)
        </table>
        <footer>\(seller) · Credit note \(number) · Dates are UTC</footer>
        </main>
        </body>
        </html>

        """
    }
}
