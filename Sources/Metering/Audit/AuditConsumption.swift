/// A user's calls in a month, as its log adds up and as its counter says.
package struct ConsumptionAudit: Sendable {
    package let user: UserID
    package let month: CivilMonth
    package var logged: Int128
    /// 0 where there is no counter.
    package var counted: Quantity
    /// Why an entry of the month cannot be read; nil where all can.
    package var unreadable: String?

    package init(user: UserID, month: CivilMonth, logged: Int128 = 0, counted: Quantity = 0) {
        self.user = user
        self.month = month
        self.logged = logged
        self.counted = counted
    }

    /// Nil when the counter is right.
    package var difference: AuditDifference? {
        if let unreadable { return AuditDifference("stored document", expected: "one that can be read", actual: unreadable) }
        guard logged != counted else { return nil }
        return AuditDifference("consumption \(month.iso) api_calls", expected: "\(logged)", actual: "\(counted)")
    }
}
