import HTTP
import Metering

/// A credit note as a page to print, on the sheet of invoices.
struct CreditNotePage {
    let note: CreditNote
    let shop: Shop
    let wording: InvoiceWording

    func response() throws -> Response { try .sheet(html, style: style) }

    private var style: HTML { InvoicePage.style(in: shop.rules.color?.text) }

    private var seller: String { note.seller.name ?? shop.name }
    private var number: String { note.number.rawValue }
    private var user: String { note.user.rawValue }
    private var invoice: String { note.invoice.rawValue }
    private var issued: String { wording.words(note.issuedAt.day) }

    private var reason: String {
        let reason = wording.reasons[note.reason] ?? note.reason.rawValue
        return note.words.isEmpty ? reason : "\(reason)\(wording.space): \(note.words)"
    }

    private var rows: [HTML] {
        let taxes = note.taxes.map { line in
            row(wording.words(line.rate), line.amount, "")
        }
        return (taxes.isEmpty ? [] : [row(wording.withoutTax, note.subtotal, "")] + taxes) + [row(wording.total, note.amount, "total")]
    }

    private func row(_ label: String, _ amount: Money, _ rowClass: String) -> HTML {
        "<tr class=\"\(rowClass)\"><th>\(label)</th><td class=\"amount\">\(wording.words(amount, in: note.currency)) \(note.currency.code)</td></tr>\n"
    }

    private var html: HTML {
        """
        <!DOCTYPE html>
        <html lang="\(wording.code)">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>\(wording.creditNote) \(number) – \(seller)</title>
        <style>\([style])</style>
        </head>
        <body>
        <main>
        <header>
        <h1>\(seller)</h1>
        <div class="name"><span>\(wording.creditNote)</span><strong>\(number)</strong></div>
        </header>
        <div class="facts">
        <dl><dt>\(wording.billedTo)</dt><dd>\(InvoicePage.party(note.customer, wording))<span>\(user)</span></dd></dl>
        <dl><dt>\(wording.seller)</dt><dd>\(note.seller.isEmpty ? [HTML("\(shop.name)")] : InvoicePage.party(note.seller, wording))</dd></dl>
        <dl><dt>\(wording.issued)</dt><dd>\(issued)</dd></dl>
        <dl><dt>\(wording.ofInvoice)</dt><dd>\(invoice)</dd></dl>
        <dl><dt>\(wording.reason)</dt><dd>\(reason)</dd></dl>
        </div>
        <table class="sums">
        \(rows)
        </table>
        <footer>\(seller) · \(wording.creditNote) \(number) · \(wording.datesAreUTC)</footer>
        </main>
        </body>
        </html>

        """
    }
}
