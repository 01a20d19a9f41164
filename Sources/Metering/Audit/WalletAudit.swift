/// Works a wallet out again from its entries, which are added in the order of their numbers.
package struct WalletAudit: Sendable {
    private let wallet: Wallet?
    private var count: Int64 = 0
    private var balance = Money.zero
    private var fromQuota = Money.zero
    /// What refunds have given back, by charge.
    private var refunded: [ChargeID: Money] = [:]
    package private(set) var differences: [AuditDifference] = []

    /// `wallet`: nil for entries without a wallet.
    package init(of wallet: Wallet?) { self.wallet = wallet }

    package mutating func add(_ entry: WalletEntry) {
        let field = "wallet entry \(entry.number)"
        expect("wallet entry after \(count)", "\(count + 1)", "\(entry.number)")
        balance += entry.amount
        count += 1
        expect("\(field) balance_after", balance.text, entry.balance.text)
        if balance < .zero { differences.append(AuditDifference(field, expected: "a balance of zero or more", actual: balance.text)) }
        switch entry.kind {
        case .charge(let charge, let part): check(charge, part, of: entry, at: field)
        case .refund(let refund): check(refund, of: entry, at: field)
        case .fallback: expect("\(field) amount", Money.zero.text, entry.amount.text)
        case .opening, .credit: break
        }
        // The next entry starts from what this one says, so that one wrong number is not told again of everything after it.
        (count, balance) = (entry.number, entry.balance)
    }

    /// An entry that cannot be read: a difference, of which nothing else is worked out.
    package mutating func addUnreadable(_ reason: String) {
        differences.append(AuditDifference("stored document", expected: "one that can be read", actual: reason))
    }

    /// Holds the wallet against its entries; to be called once, after the last.
    package mutating func finish() {
        guard let wallet else {
            return differences.append(AuditDifference("wallet", expected: "one for its entries", actual: "none"))
        }
        expect("wallet.entries", "\(count)", "\(wallet.entries)")
        expect("wallet.balance", balance.text, wallet.balance.text)
        if let quota = wallet.quota { expect("wallet.quota_used", fromQuota.text, quota.used.text) }
    }

    private mutating func check(_ charge: Charge, _ part: Money, of entry: WalletEntry, at field: String) {
        expect("\(field) cost", charge.prices.cost(of: charge.content.use).text, charge.cost.text)
        expect("\(field) amount", (part - charge.cost).text, entry.amount.text)
        if entry.at.day.firstOfMonth == wallet?.quota?.month { fromQuota += part }
    }

    private mutating func check(_ refund: ChargeRefund, of entry: WalletEntry, at field: String) {
        let sum = refunded[refund.charge, default: .zero] + refund.amount
        refunded[refund.charge] = refund.refunded
        expect("\(field) refunded", sum.text, refund.refunded.text)
        expect("\(field) amount", (refund.amount - refund.toQuota).text, entry.amount.text)
        if sum > refund.cost { differences.append(AuditDifference(field, expected: "at most \(refund.cost.text)", actual: sum.text)) }
        if refund.chargedAt.day.firstOfMonth == wallet?.quota?.month { fromQuota = fromQuota - refund.toQuota }
    }

    private mutating func expect(_ field: String, _ expected: String, _ actual: String) {
        guard expected != actual else { return }
        differences.append(AuditDifference(field, expected: expected, actual: actual))
    }
}
