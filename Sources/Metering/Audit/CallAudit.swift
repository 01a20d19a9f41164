extension RecordedCall {
    /// What of the call is not as its prices, its event and the wallet's entry of its charge say. Empty when it is right.
    package func differences(event: RecordedEvent?, entry: WalletEntry?) -> [AuditDifference] {
        var differences: [AuditDifference] = []
        func expect(_ name: String, _ expected: String, _ actual: String) {
            if expected != actual { differences.append(AuditDifference("call \(id) \(name)", expected: expected, actual: actual)) }
        }
        expect("cost", charge.prices.cost(of: charge.content.use).text, charge.cost.text)
        if let event {
            expect("event", "\(charge.content.use.total) of \(content.meter)", "\(event.content.amount) of \(event.content.meter)")
        } else {
            expect("event", "one in the log", "none")
        }
        expect("payment", entry.flatMap { CallPayment($0) }.text, payment.text)
        if let charged = entry?.charge { expect("charge", charged.cost.text, charge.cost.text) }
        return differences
    }
}

extension CallPayment? {
    fileprivate var text: String {
        guard let self else { return "none" }
        return "\(self.fromBalance.text) and \(self.fromQuota.text) of a quota by \(self.owner), which has \(self.balance.text)"
    }
}
