package struct ProjectID: ClientIdentifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// Whose money a wallet holds.
package enum WalletOwner: Hashable, Sendable, CustomStringConvertible {
    case user(UserID)
    case project(ProjectID)

    /// Nil for a project.
    package var user: UserID? { if case .user(let id) = self { id } else { nil } }

    /// Nil for a user.
    package var project: ProjectID? { if case .project(let id) = self { id } else { nil } }

    /// `ada`, `project p1`.
    package var description: String {
        switch self {
        case .user(let id): id.rawValue
        case .project(let id): "project \(id)"
        }
    }
}

/// Prepaid money of a user or a project, and for pro owners a quota of each calendar month (UTC) that is used before it. Every change of
/// the balance is an entry, and the balance is the sum of the entries.
package struct Wallet: Equatable, Sendable {
    package let owner: WalletOwner
    /// The user who opened the project; nil for a user's wallet.
    package let creator: UserID?
    package let currency: Currency
    package let createdAt: Timestamp
    /// Whether it was opened with a credit.
    package let isCredited: Bool
    /// When the balance or the quota last changed.
    package private(set) var updatedAt: Timestamp
    /// From 0 to less than `balanceBound`.
    package private(set) var balance: Money
    /// The count of entries, which is the number of the last one.
    package private(set) var entries: Int64
    /// Nil for an owner who never had one.
    package private(set) var quota: MonthlyQuota?
    /// Nil for a wallet of which the shop wants to be told nothing.
    package private(set) var watch: WalletWatch?
    /// What its changes since it was read are to be told of.
    package private(set) var notices: [WalletNotice] = []

    package init(
        owner: WalletOwner, creator: UserID?, currency: Currency, createdAt: Timestamp, isCredited: Bool = true,
        updatedAt: Timestamp? = nil, balance: Money, entries: Int64, quota: MonthlyQuota?, watch: WalletWatch? = nil
    ) {
        self.watch = watch
        self.owner = owner
        self.creator = creator
        self.currency = currency
        self.createdAt = createdAt
        self.isCredited = isCredited
        self.updatedAt = updatedAt ?? createdAt
        self.balance = balance
        self.entries = entries
        self.quota = quota
    }

    /// The balance that a user's wallet is opened with.
    package static let userCredit = Money(units: 10 * Money.unitsPerOne)
    /// The balance that a creator's first project is opened with; the others start at 0.
    package static let firstProjectCredit = Money(units: 20 * Money.unitsPerOne)
    /// Every balance stays below this amount: it has at most 15 digits before the point.
    package static let balanceBound = Money(units: 1_000_000_000_000_000 * Money.unitsPerOne)

    /// A new wallet with its first entry.
    package static func opened(
        for owner: WalletOwner, creator: UserID? = nil, credit: Money, currency: Currency, by actor: Actor = .system, at now: Timestamp
    ) -> (Wallet, WalletEntry) {
        var wallet = Wallet(
            owner: owner, creator: creator, currency: currency, createdAt: now, isCredited: credit > .zero, balance: .zero, entries: 0,
            quota: nil)
        let entry = wallet.enter(.opening, amount: credit, by: actor, at: now)
        return (wallet, entry)
    }

    /// The most that one charge may cost: the balance, and what is left of the month's quota.
    package func available(at now: Timestamp) -> Money { balance + quotaLeft(at: now) }

    /// 0 for an owner who is not pro.
    package func quotaLeft(at now: Timestamp) -> Money { quota?.left(at: now) ?? .zero }

    /// Adds an amount to the balance. Nil, and nothing is added, when the balance would reach `balanceBound`.
    package mutating func credit(
        _ id: CreditID, _ amount: Money, reason: String, by actor: Actor = .system, at now: Timestamp
    ) -> WalletEntry? {
        guard balance + amount < Self.balanceBound else { return nil }
        return enter(.credit(id, reason: reason), amount: amount, by: actor, at: now)
    }

    /// Takes a charge's cost from the month's quota while it lasts, then from the balance. Nil, and nothing is taken, when both together
    /// are not enough.
    package mutating func charge(_ charge: Charge, at now: Timestamp) -> WalletEntry? {
        guard charge.cost <= available(at: now) else { return nil }
        let fromQuota = min(charge.cost, quotaLeft(at: now))
        if fromQuota > .zero { quota?.take(fromQuota, at: now) }
        return enter(.charge(charge, fromQuota: fromQuota), amount: fromQuota - charge.cost, at: now)
    }

    /// Notes on a project's wallet a charge that its user pays, as the project cannot. The balance stays.
    package mutating func noteFallback(_ charge: Charge, at now: Timestamp) -> WalletEntry {
        enter(.fallback(charge.id, charge.content.user, cost: charge.cost), amount: .zero, at: now)
    }

    /// Gives a part of a charge back that this wallet paid. The balance gets back what it paid, before the quota does. Throws `RefundTooLarge`
    /// for more than is left of the charge, or nothing; nil, and nothing is given, when the balance would reach `balanceBound`.
    ///
    /// - Parameters:
    ///   - amount: nil: all that is left.
    ///   - refunded: what of the charge was given back before.
    package mutating func refund(
        _ entry: WalletEntry, _ amount: Money?, refunded: Money, as id: RefundID, by author: Author, at now: Timestamp
    ) throws(RefundTooLarge) -> WalletEntry? {
        guard case .charge(let charge, let fromQuota) = entry.kind else { throw RefundTooLarge(left: .zero) }
        let left = charge.cost - refunded
        let amount = amount ?? left
        guard amount > .zero, amount <= left else { throw RefundTooLarge(left: left) }
        let fromBalance = charge.cost - fromQuota
        let toBalance = min(refunded + amount, fromBalance) - min(refunded, fromBalance)
        guard balance + toBalance < Self.balanceBound else { return nil }
        if toBalance < amount { quota?.giveBack(amount - toBalance, of: entry.at.day.firstOfMonth, at: now) }
        let refund = ChargeRefund(
            id: id, charge: charge.id, chargedAt: entry.at, cost: charge.cost, amount: amount, toQuota: amount - toBalance,
            refunded: refunded + amount, reason: author.reason)
        return enter(.refund(refund), amount: toBalance, by: author.actor, at: now)
    }

    /// Changes the quota from this month on. What was used of the month's quota stays used.
    package mutating func setQuota(isPro: Bool, monthly: Money, at now: Timestamp) {
        var changed = quota ?? MonthlyQuota(month: now.day.firstOfMonth)
        changed.closeMonth(at: now)
        changed.isPro = isPro
        changed.monthly = monthly
        quota = changed
        updatedAt = now
    }

    /// Changes what the shop is told of the balance, and holds the present one against it.
    package mutating func watch(lowBelow: Money?, topUp: TopUpTerms?, at now: Timestamp) {
        var changed = watch ?? WalletWatch(lowBelow: nil, topUp: nil)
        changed.set(lowBelow: lowBelow, topUp: topUp)
        notices += changed.note(balance, at: now)
        (watch, updatedAt) = (changed, now)
    }

    package mutating func clearNotices() { notices = [] }

    /// Closes the counted month if it is over. Returns whether it was.
    package mutating func closeQuotaMonth(at now: Timestamp) -> Bool { quota?.closeMonth(at: now) ?? false }

    private mutating func enter(
        _ kind: WalletEntry.Kind, amount: Money, by actor: Actor = .system, at now: Timestamp
    ) -> WalletEntry {
        balance += amount
        entries += 1
        updatedAt = now
        if let found = watch?.note(balance, at: now) { notices += found }
        return WalletEntry(owner: owner, number: entries, kind: kind, amount: amount, balance: balance, by: actor, at: now)
    }
}
