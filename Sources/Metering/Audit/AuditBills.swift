/// What the log says of a user's money.
package struct BillLog: Equatable, Sendable {
    package struct StoredInvoice: Equatable, Sendable {
        package let invoice: Invoice
        /// As it is stored beside the lines.
        package let total: Money

        package init(_ invoice: Invoice, total: Money) {
            self.invoice = invoice
            self.total = total
        }
    }

    package var invoices: [StoredInvoice] = []
    package var movements: [BillingTransaction] = []
    /// What the user's subscriptions, also past ones, keep for later invoices.
    package var credit: [Currency: Money] = [:]

    package init() {}
}

/// Invoices: each is the sum of its lines, and its transactions say what became of it; each period that was billed has one. Credit is what was
/// kept and not used.
extension Audit {
    mutating func compareBills() {
        var movements = Dictionary(grouping: log.bills.movements, by: \.invoice)
        var credit = CreditSums(of: movements.removeValue(forKey: nil) ?? [])
        for stored in log.bills.invoices.sorted(by: { $0.invoice.number.rawValue < $1.invoice.number.rawValue }) {
            compare(stored, movements.removeValue(forKey: stored.invoice.number) ?? [])
            credit.add(stored.invoice)
        }
        for number in movements.keys.compactMap(\.self).sorted(by: { $0.rawValue < $1.rawValue }) {
            differ("invoice \(number)", expected: "one for its transactions", actual: "none")
        }
        for currency in Set(credit.kept.keys).union(log.bills.credit.keys).sorted(by: { $0.code < $1.code }) {
            expect("credit_balance \(currency.code)", credit.kept[currency] ?? .zero, log.bills.credit[currency] ?? .zero)
        }
        comparePeriods()
    }

    private mutating func compare(_ stored: BillLog.StoredInvoice, _ movements: [BillingTransaction]) {
        let invoice = stored.invoice
        let place = "invoice \(invoice.number)"
        func sum(_ kinds: BillingTransaction.Kind...) -> Money { movements.filter { kinds.contains($0.kind) }.map(\.amount).sum }
        let isPaid = invoice.status == .paid || invoice.status == .refunded
        expect("\(place).total", invoice.total, stored.total)
        expect("\(place) payments", isPaid ? invoice.total : .zero, sum(.subscription, .overage))
        expect("\(place).refunded", sum(.refund), invoice.refunded)
        expect("\(place) credits", invoice.status == .cancelled ? invoice.total : invoice.bill.kept, sum(.credit))
        let isRefunded = invoice.refunded > .zero && invoice.refunded == invoice.total
        guard isPaid, isRefunded != (invoice.status == .refunded) else { return }
        differ("\(place).status", expected: isRefunded ? "refunded" : "paid", actual: invoice.status.rawValue)
    }

    private mutating func comparePeriods() {
        let bills = log.bills.invoices.map(\.invoice.bill).filter { $0.kind == .period }
        let charged = Dictionary(bills.map { ($0.periodNumber, $0) }, uniquingKeysWith: { first, _ in first })
        for close in log.closes where close.billed > .zero {
            expect("period \(close.number) invoice", close.billed, charged[close.number]?.charged ?? .zero)
        }
        for bill in bills where bill.periodNumber > account.periodNumber {
            differ("period \(bill.periodNumber) invoice", expected: "none", actual: bill.charged.text)
        }
    }
}

/// Credit by currency, as what made it and what used it say.
private struct CreditSums {
    private(set) var kept: [Currency: Money] = [:]

    /// What was kept without an invoice.
    init(of movements: [BillingTransaction]) {
        for movement in movements { add(movement.amount, in: movement.currency) }
    }

    /// One that is cancelled has given back what it used.
    mutating func add(_ invoice: Invoice) {
        guard invoice.status != .cancelled else { return }
        add(invoice.bill.kept - invoice.bill.creditUsed, in: invoice.bill.currency)
    }

    private mutating func add(_ amount: Money, in currency: Currency) { kept[currency, default: .zero] += amount }
}
