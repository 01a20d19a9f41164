package import Bytes

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
        /// A part of a charge that was given back.
        case refund(ChargeRefund)
        /// A charge of a project that its user paid, as the project could not.
        case fallback(ChargeID, UserID, cost: Money)
    }

    package let owner: WalletOwner
    /// 1 for the wallet's first entry, then one more for each.
    package let number: Int64
    package let kind: Kind
    /// The difference that the entry made to the balance: not above 0 for a charge, 0 where the quota paid all of it.
    package let amount: Money
    /// The balance after the entry.
    package let balance: Money
    package let actor: Actor
    package let at: Timestamp

    package init(
        owner: WalletOwner, number: Int64, kind: Kind, amount: Money, balance: Money, by actor: Actor = .system, at: Timestamp
    ) {
        self.actor = actor
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

    package var refund: ChargeRefund? {
        if case .refund(let refund) = kind { refund } else { nil }
    }

    /// Why the balance changed, in the words of whoever changed it, or a name of ours.
    package var reason: String {
        switch (kind, owner) {
        case (.opening, .user): "initial_credit"
        case (.opening, .project): amount > .zero ? "first_project_credit" : "project_opened"
        case (.credit(_, let reason), _): reason
        case (.charge, .project): "ai_usage"
        case (.charge(let charge, _), .user): charge.content.project == nil ? "ai_usage_personal" : "ai_usage_user_fallback"
        case (.fallback, _): "ai_usage_user_fallback"
        case (.refund(let refund), _): refund.reason ?? "refund"
        }
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

/// A part of a charge that was given back to the wallet that paid it.
package struct ChargeRefund: Equatable, Sendable {
    package let id: RefundID
    package let charge: ChargeID
    package let chargedAt: Timestamp
    /// Of the charge.
    package let cost: Money
    package let amount: Money
    /// The part that the month's quota got back.
    package let toQuota: Money
    /// What of the charge is given back in all, after it.
    package let refunded: Money
    @Bytewise package private(set) var reason: String?

    package init(
        id: RefundID, charge: ChargeID, chargedAt: Timestamp, cost: Money, amount: Money, toQuota: Money, refunded: Money, reason: String?
    ) {
        self.id = id
        self.charge = charge
        self.chargedAt = chargedAt
        self.cost = cost
        self.amount = amount
        self.toQuota = toQuota
        self.refunded = refunded
        self.reason = reason
    }
}
