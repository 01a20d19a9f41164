/// The log of a user's invoices and credit.
package struct BillLog: Equatable, Sendable {
    /// An invoice with its total as it is stored beside the lines.
    package struct StoredInvoice: Equatable, Sendable {
        package let invoice: Invoice
        package let total: Money

        package init(_ invoice: Invoice, total: Money) {
            self.invoice = invoice
            self.total = total
        }
    }

    package var invoices: [StoredInvoice] = []
    package var transactions: [BillingTransaction] = []
    package var notes: [CreditNote] = []
    /// The sum of the credit balances of the user's subscriptions, past ones too.
    package var credit: [Currency: Money] = [:]

    package init() {}
}

/// The laws of invoices: an invoice's total is the sum of its lines, and its transactions come to what its status says; each period that
/// was billed has an invoice of that amount, and what does not stand of an issued one has credit notes. The law of credit: the balance is what was granted and kept, less what was used.
extension Audit {
    mutating func compareBills() {
        var transactions = Dictionary(grouping: log.bills.transactions, by: \.invoice)
        var notes = Dictionary(grouping: log.bills.notes, by: \.invoice)
        var credit = CreditSums(of: transactions.removeValue(forKey: nil) ?? [])
        for stored in log.bills.invoices.sorted(by: { $0.invoice.number < $1.invoice.number }) {
            compare(stored, transactions.removeValue(forKey: stored.invoice.number) ?? [])
            compare(stored.invoice, notes.removeValue(forKey: stored.invoice.number) ?? [])
            credit.add(stored.invoice)
        }
        for number in notes.keys.sorted() { differ("invoice \(number)", expected: "one for its credit notes", actual: "none") }
        for number in transactions.keys.compactMap(\.self).sorted() {
            differ("invoice \(number)", expected: "one for its transactions", actual: "none")
        }
        for currency in Set(credit.kept.keys).union(log.bills.credit.keys).sorted(by: { $0.code < $1.code }) {
            expect("credit_balance \(currency.code)", credit.kept[currency] ?? .zero, log.bills.credit[currency] ?? .zero)
        }
        comparePeriods()
    }

    private mutating func compare(_ stored: BillLog.StoredInvoice, _ transactions: [BillingTransaction]) {
        let invoice = stored.invoice
        let field = "invoice \(invoice.number)"
        func sum(_ kinds: BillingTransaction.Kind...) -> Money { transactions.filter { kinds.contains($0.kind) }.map(\.amount).sum }
        let isPaid = invoice.status == .paid || invoice.status == .refunded
        expect("\(field).total", invoice.total, stored.total)
        expect("\(field) payments", isPaid ? invoice.total : .zero, sum(.subscription, .overage))
        expect("\(field).refunded", sum(.refund), invoice.refunded)
        expect("\(field) credits", invoice.status == .cancelled ? invoice.total : invoice.bill.kept, sum(.credit))
        let isRefunded = invoice.refunded + invoice.creditReturned > .zero && invoice.refunded == invoice.total
        guard isPaid, isRefunded != (invoice.status == .refunded) else { return }
        differ("\(field).status", expected: isRefunded ? "refunded" : "paid", actual: invoice.status.rawValue)
    }

    private mutating func compare(_ invoice: Invoice, _ notes: [CreditNote]) {
        guard let issued = invoice.issuedTotal else { return }
        expect("invoice \(invoice.number) credit notes", issued - invoice.standing, notes.map(\.amount).sum)
    }

    private mutating func comparePeriods() {
        let bills = log.bills.invoices.map(\.invoice.bill).filter { $0.kind == .period }
        let byPeriod = Dictionary(bills.map { ($0.periodNumber, $0) }, uniquingKeysWith: { first, _ in first })
        for close in log.closes where close.charged > .zero {
            expect("period \(close.number) invoice", close.charged, byPeriod[close.number]?.charged ?? .zero)
        }
        for bill in bills where bill.periodNumber > account.periodNumber {
            differ("period \(bill.periodNumber) invoice", expected: "none", actual: bill.charged.text)
        }
    }
}

/// Credit by currency: what transactions and invoices granted, less what invoices used.
private struct CreditSums {
    private(set) var kept: [Currency: Money] = [:]

    /// Starts with the credit grants, whose transactions have no invoice.
    init(of transactions: [BillingTransaction]) {
        for transaction in transactions { add(transaction.amount, in: transaction.currency) }
    }

    /// Adds the credit that an invoice kept, less the credit that it used. A cancelled invoice counts nothing: it kept no
    /// credit, and has given back what it used.
    mutating func add(_ invoice: Invoice) {
        guard invoice.status != .cancelled else { return }
        add(invoice.bill.kept - invoice.bill.creditUsed + invoice.creditReturned, in: invoice.bill.currency)
    }

    private mutating func add(_ amount: Money, in currency: Currency) { kept[currency, default: .zero] += amount }
}
