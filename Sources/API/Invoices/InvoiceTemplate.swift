import Metering

extension InvoicePage {
    /// The page as one sheet of A4.
    var html: HTML {
        """
        <!DOCTYPE html>
        <html lang="\(wording.code)">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>\(wording.invoice) \(number) – \(sellerName)</title>
        <style>\([Self.style(in: color)])</style>
        </head>
        <body>
        <main>
        <header>
        <h1>\(sellerName)</h1>
        <div class="name"><span>\(wording.invoice)</span><strong>\(number)</strong></div>
        </header>
        <p class="stamp \(stampClass)">\(stamp)</p>
        <div class="facts">
        <dl><dt>\(wording.billedTo)</dt><dd>\(customer)<span>\(user)</span></dd></dl>
        <dl><dt>\(wording.seller)</dt><dd>\(seller.isEmpty ? [HTML("\(shop.name)")] : seller)</dd></dl>
        <dl><dt>\(wording.plan)</dt><dd>\(plan)</dd></dl>
        <dl><dt>\(wording.issued)</dt><dd>\(issued)</dd></dl>
        <dl><dt>\(wording.due)</dt><dd>\(due)</dd></dl>
        \(paid)
        </div>
        <table class="lines">
        <thead><tr><th>\(wording.item)</th><th>\(wording.time)</th><th class="amount">\(wording.amount) (\(currency))</th></tr></thead>
        <tbody>
        \(lines)
        </tbody>
        </table>
        <table class="sums">
        \(sums)
        </table>
        <footer>\(sellerName) · \(wording.invoice) \(number) · \(wording.datesAreUTC)</footer>
        </main>
        </body>
        </html>

        """
    }

    /// The style, in the shop's colour where it has one.
    static func style(in color: String?) -> HTML {
        guard let color else { return style }
        return "\([style])header, .sums .total th, .sums .total td { border-color: \(color) } h1 { color: \(color) }"
    }

    private static let style: HTML = """
        @page { size: A4; margin: 0 }
        * { box-sizing: border-box; margin: 0; padding: 0 }
        html { background: #e8eaee; color: #1d2433; font: 10.5pt/1.5 "Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif }
        main { position: relative; display: flex; flex-direction: column; width: 210mm; max-width: 100%; min-height: 296mm;
          margin: 8mm auto; padding: 22mm 20mm 16mm; background: #fff; box-shadow: 0 1mm 6mm #1d243326 }
        header { display: flex; justify-content: space-between; align-items: flex-end; gap: 10mm; padding-bottom: 6mm;
          border-bottom: .6mm solid #1d2433 }
        h1 { font-size: 22pt; line-height: 1.15; letter-spacing: -.01em; overflow-wrap: anywhere }
        .name { text-align: right; white-space: nowrap }
        .name span { display: block; color: #667085; font-size: 9pt; letter-spacing: .12em; text-transform: uppercase }
        .name strong { font-size: 13pt; font-variant-numeric: tabular-nums }
        .stamp { align-self: flex-end; margin: 9mm 2mm -13mm 0; padding: 1.2mm 5mm; transform: rotate(-7deg); border: .7mm solid;
          border-radius: 1.5mm; font-size: 15pt; font-weight: 700; letter-spacing: .14em; text-transform: uppercase; color: #475467 }
        .paid { color: #137a4b } .overdue { color: #b42318 } .open { color: #1d4ed8 }
        .facts { display: grid; grid-template-columns: repeat(2, 55mm); gap: 5mm 8mm; margin: 9mm 0 12mm }
        dt { color: #667085; font-size: 8.5pt } dd { font-weight: 600; overflow-wrap: anywhere }
        table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums }
        th { padding: 0 0 2mm; border-bottom: .3mm solid #98a2b3; color: #667085; font-size: 8.5pt; font-weight: 400; text-align: left }
        td { padding: 3mm 4mm 3mm 0; border-bottom: .2mm solid #e4e7ec; vertical-align: top; overflow-wrap: anywhere }
        td.time { width: 66mm; color: #475467; font-size: 9.5pt; white-space: nowrap } td small { display: block; color: #667085 }
        .amount { width: 34mm; padding-right: 0; text-align: right; white-space: nowrap }
        .sums { width: 80mm; margin: 6mm 0 0 auto }
        .sums th, .sums td { padding: 1.2mm 0; border: 0; color: inherit; font-size: inherit }
        .sums .note td { white-space: normal; text-align: right; color: #667085; font-size: 8.5pt }
        .sums .total th, .sums .total td { padding: 2.5mm 0; border-top: .6mm solid #1d2433; font-size: 14pt; font-weight: 700 }
        footer { margin-top: auto; padding-top: 4mm; border-top: .2mm solid #e4e7ec; color: #667085; font-size: 8.5pt }
        thead { display: table-header-group } tr, .facts, header, .sums { break-inside: avoid }
        @media (max-width: 210mm) { main { min-height: 0; margin: 0; padding: 6mm } header, .facts { display: block } .name { text-align: left }
          .facts dl { margin-bottom: 3mm } td.time { width: auto; white-space: normal } .amount { width: auto } }
        @media print { html { background: none } main { margin: 0; box-shadow: none; -webkit-print-color-adjust: exact; print-color-adjust: exact } }
        """
}
