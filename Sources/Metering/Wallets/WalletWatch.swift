/// When a shop wants a wallet to be filled up, and with how much.
package struct TopUpTerms: Equatable, Sendable {
    /// A balance below it asks for a top-up.
    package let below: Money
    package let amount: Money
    /// The most that is asked for in a calendar month (UTC); nil: any.
    package let monthlyMaximum: Money?
    /// The least time from one request to the next, in seconds.
    package let cooldown: Int64

    package static let cooldowns: ClosedRange<Int64> = 0...2_678_400
    package static let defaultCooldown: Int64 = 3_600

    package init(below: Money, amount: Money, monthlyMaximum: Money? = nil, cooldown: Int64 = defaultCooldown) {
        (self.below, self.amount, self.monthlyMaximum, self.cooldown) = (below, amount, monthlyMaximum, cooldown)
    }
}

/// What a shop is told of a wallet's balance. Each crossing is told once; a balance that is back above its amount arms it again.
package struct WalletWatch: Equatable, Sendable {
    /// A balance below it is low; nil: none is.
    package private(set) var lowBelow: Money?
    package private(set) var topUp: TopUpTerms?
    package private(set) var isLow: Bool
    /// Whether a top-up was asked for since the balance fell below its amount.
    package private(set) var isAsked: Bool
    package private(set) var askedAt: Timestamp?
    /// What was asked for in the month of `askedAt`.
    package private(set) var askedInMonth: Money

    package init(
        lowBelow: Money?, topUp: TopUpTerms?, isLow: Bool = false, isAsked: Bool = false, askedAt: Timestamp? = nil,
        askedInMonth: Money = .zero
    ) {
        (self.lowBelow, self.topUp, self.isLow, self.isAsked) = (lowBelow, topUp, isLow, isAsked)
        (self.askedAt, self.askedInMonth) = (askedAt, askedInMonth)
    }

    /// Takes other amounts over. What was asked for in the month stays asked for.
    package mutating func set(lowBelow: Money?, topUp: TopUpTerms?) {
        (self.lowBelow, self.topUp, isLow, isAsked) = (lowBelow, topUp, false, false)
    }

    /// What a balance says. A top-up that the month's maximum or the cool-down forbids is asked for by a later change below the amount.
    mutating func note(_ balance: Money, at now: Timestamp) -> [WalletNotice] {
        var notices: [WalletNotice] = []
        let wasLow = isLow
        isLow = lowBelow.map { balance < $0 } ?? false
        if isLow, !wasLow { notices.append(.low) }
        guard let topUp, balance < topUp.below else {
            isAsked = false
            return notices
        }
        guard !isAsked, mayAsk(topUp, at: now) else { return notices }
        askedInMonth = asked(inMonthOf: now) + topUp.amount
        (isAsked, askedAt) = (true, now)
        return notices + [.topUp(topUp)]
    }

    private func mayAsk(_ topUp: TopUpTerms, at now: Timestamp) -> Bool {
        if let askedAt, now.since(askedAt) < topUp.cooldown * 1_000 { return false }
        return topUp.monthlyMaximum.map { asked(inMonthOf: now) + topUp.amount <= $0 } ?? true
    }

    private func asked(inMonthOf now: Timestamp) -> Money {
        askedAt?.day.firstOfMonth == now.day.firstOfMonth ? askedInMonth : .zero
    }
}

/// What a shop is to be told of a wallet.
package enum WalletNotice: Equatable, Sendable {
    case low
    case topUp(TopUpTerms)
}
