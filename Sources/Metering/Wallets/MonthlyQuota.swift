/// Money that a pro owner may use in each calendar month (UTC) before the balance is touched. What is left of a month is not carried over.
package struct MonthlyQuota: Equatable, Sendable {
    /// Whether the quota counts.
    package var isPro: Bool
    package var monthly: Money
    /// The first day of the month that is counted.
    package private(set) var month: CivilDay
    /// The part of the counted month's quota that was used.
    package private(set) var used: Money
    /// The months that are over and in which the quota was counted, the oldest first: at most `maximumClosed`.
    package private(set) var closed: [ClosedMonth]

    package struct ClosedMonth: Equatable, Sendable {
        package let month: CivilDay
        package let monthly: Money
        package let used: Money

        package init(month: CivilDay, monthly: Money, used: Money) {
            self.month = month
            self.monthly = monthly
            self.used = used
        }
    }

    package static let maximumClosed = 24

    package init(
        isPro: Bool = false, monthly: Money = .zero, month: CivilDay, used: Money = .zero, closed: [ClosedMonth] = []
    ) {
        self.isPro = isPro
        self.monthly = monthly
        self.month = month
        self.used = used
        self.closed = closed
    }

    /// The end of the counted month.
    package var end: Timestamp { month.adding(months: 1).start }

    func left(at now: Timestamp) -> Money {
        guard isPro else { return .zero }
        return max(.zero, monthly - (now < end ? used : .zero))
    }

    mutating func take(_ amount: Money, at now: Timestamp) {
        closeMonth(at: now)
        used += amount
    }

    /// Gives back a part of what was used of a month, of which what is over lapses as the month's quota has.
    mutating func giveBack(_ amount: Money, of month: CivilDay, at now: Timestamp) {
        closeMonth(at: now)
        if month == self.month {
            used = max(.zero, used - amount)
        } else if let index = closed.firstIndex(where: { $0.month == month }) {
            let before = closed[index]
            closed[index] = ClosedMonth(month: month, monthly: before.monthly, used: max(.zero, before.used - amount))
        }
    }

    /// Closes the counted month if it is over, and counts the month of `now`. The months between the two, in which nothing was used, are
    /// not kept. Returns whether the month was closed.
    @discardableResult
    mutating func closeMonth(at now: Timestamp) -> Bool {
        guard now >= end else { return false }
        closed = Array((closed + [ClosedMonth(month: month, monthly: monthly, used: used)]).suffix(Self.maximumClosed))
        month = now.day.firstOfMonth
        used = .zero
        return true
    }
}
