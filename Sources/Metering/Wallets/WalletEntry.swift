package struct CreditID: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// One change of a wallet, with the balance after it. Entries are never changed.
package struct WalletEntry: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        case opening
        case credit(CreditID, reason: String)
        /// `fromQuota` is the part that the balance did not pay.
        case charge(Charge, fromQuota: Money)
    }

    package let owner: WalletOwner
    /// 1 for the first of the wallet.
    package let number: Int64
    package let kind: Kind
    /// What the balance changed by: negative for a charge.
    package let amount: Money
    /// After it.
    package let balance: Money
    package let at: Timestamp

    package init(owner: WalletOwner, number: Int64, kind: Kind, amount: Money, balance: Money, at: Timestamp) {
        self.owner = owner
        self.number = number
        self.kind = kind
        self.amount = amount
        self.balance = balance
        self.at = at
    }

    package var charge: Charge? {
        if case .charge(let charge, _) = kind { charge } else { nil }
    }

    /// What paid a charge: the quota only where it paid all.
    package var source: ChargeSource? {
        guard case .charge(_, let fromQuota) = kind else { return nil }
        if case .project = owner { return .project }
        return fromQuota > .zero && amount == .zero ? .quota : .user
    }
}
