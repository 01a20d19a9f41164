/// A shop's numbers at one instant, added up over its subscriptions and accounts.
package struct ShopAnalytics: Equatable, Sendable {
    package var byPlan: [PlanName: Int] = [:]
    package var byStatus: [SubscriptionStatus: Int] = [:]
    /// Monthly recurring revenue: what paying subscriptions bring in a month, by currency.
    package var revenue: [Currency: Money] = [:]
    /// Of the accounts' current periods.
    package var tokens: Quantity = 0
    package var queries: Quantity = 0
    package var users = 0
    package var over80 = 0
    package var over100 = 0
    /// Users who will pass their allowance before the period ends, if they go on as in the last days.
    package var forecastToExceed = 0
    /// Who uses most, the most first.
    package var top: [UserUse] = []
    /// Who has used most of their allowance, from 80 % on.
    package var nearLimit: [UserUse] = []

    package static let listed = 10

    package init() {}
}

/// One user's use of tokens in the current period.
package struct UserUse: Equatable, Sendable {
    package let user: UserID
    package let plan: PlanName
    package let tokens: Quantity
    package let limit: Limit
    package let percent: Double

    package init(user: UserID, plan: PlanName, tokens: Quantity, limit: Limit, percent: Double) {
        self.user = user
        self.plan = plan
        self.tokens = tokens
        self.limit = limit
        self.percent = percent
    }
}

extension ShopAnalytics {
    /// Canceled subscriptions are not the shop's any more.
    package mutating func add(_ subscription: Subscription) {
        guard subscription.isLive else { return }
        byPlan[subscription.plan.name, default: 0] += 1
        byStatus[subscription.status, default: 0] += 1
        let currency = subscription.plan.currency
        revenue[currency] = (revenue[currency] ?? .zero) + subscription.monthlyRevenue
    }

    package mutating func add(_ account: Account, at now: Timestamp) {
        let (totals, tokens) = (account.periodTotals, account.tokens)
        users += 1
        self.tokens += totals.tokens
        queries += totals.queries
        let use = UserUse(
            user: account.user, plan: account.plan, tokens: totals.tokens, limit: tokens.limit, percent: tokens.percentUsed)
        if use.percent >= 80 { over80 += 1 }
        if use.percent >= 100 { over100 += 1 }
        if let limit = tokens.limit.quantity, UsageAnalytics(of: account, at: now).projected > limit { forecastToExceed += 1 }
        if use.tokens > 0 { Self.insert(use, into: &top) { ($1.tokens, $0.user.rawValue) < ($0.tokens, $1.user.rawValue) } }
        if use.percent >= 80 { Self.insert(use, into: &nearLimit) { ($1.percent, $0.user.rawValue) < ($0.percent, $1.user.rawValue) } }
    }

    /// Keeps the first ones in order.
    private static func insert(_ use: UserUse, into list: inout [UserUse], before isBefore: (UserUse, UserUse) -> Bool) {
        let place = list.firstIndex { isBefore(use, $0) } ?? list.count
        guard place < listed else { return }
        list.insert(use, at: place)
        if list.count > listed { list.removeLast() }
    }
}

extension Subscription {
    /// What it brings in a month: a twelfth of a yearly fee; of a cycle of days, 30 days' share. A trial brings nothing, nor does what is
    /// suspended.
    package var monthlyRevenue: Money {
        guard status == .active || status == .pastDue else { return .zero }
        let fee = plan.fee(for: cycle)
        return switch cycle {
        case .monthly: fee
        case .yearly: fee.divided(by: 12)
        case .days(let days): (fee * 30).divided(by: days)
        }
    }
}

/// What was used on one day (UTC) by all users of a shop, with the shop's numbers as the day ended.
package struct AnalyticsDay: Equatable, Sendable {
    package let day: CivilDay
    package let totals: Totals
    package let activeUsers: Int
    package let shop: ShopAnalytics

    package init(day: CivilDay, totals: Totals, activeUsers: Int, shop: ShopAnalytics) {
        self.day = day
        self.totals = totals
        self.activeUsers = activeUsers
        self.shop = shop
    }
}
