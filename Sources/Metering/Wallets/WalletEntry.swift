internal import Bytes

package struct CreditID: ClientIdentifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// One change of a wallet's balance. Entries are only added: none is changed or taken away.
package struct WalletEntry: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        case opening
        case credit(CreditID, reason: String)
        /// `fromQuota` is the part that the balance did not pay.
        case charge(Charge, fromQuota: Money)
    }

    package let owner: WalletOwner
    /// 1 for the wallet's first entry, then one more for each.
    package let number: Int64
    package let kind: Kind
    /// The difference that the entry made to the balance: not above 0 for a charge, 0 where the quota paid all of it.
    package let amount: Money
    /// The balance after the entry.
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

    /// Whether the entry is the credit that a request with this content asks for.
    package func isCredit(of amount: Money, reason: String, to owner: WalletOwner) -> Bool {
        guard case .credit(_, let given) = kind, self.owner == owner, self.amount == amount else { return false }
        return given.hasSameBytes(as: reason)
    }

    package var charge: Charge? {
        if case .charge(let charge, _) = kind { charge } else { nil }
    }

    /// Who paid the entry's charge; `quota` only where the quota paid all of it. Nil for other entries.
    package var source: ChargeSource? {
        guard case .charge(_, let fromQuota) = kind else { return nil }
        if case .project = owner { return .project }
        return fromQuota > .zero && amount == .zero ? .quota : .user
    }
}
