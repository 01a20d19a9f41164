/// A shop's numbers at one instant, added up subscription by subscription and account by account.
package struct ShopAnalytics: Equatable, Sendable {
    /// Live subscriptions by plan, and by status.
    package var byPlan: [PlanName: Int] = [:]
    package var byStatus: [SubscriptionStatus: Int] = [:]
    /// Monthly recurring revenue by currency: the sum of `Subscription.monthlyRevenue`.
    package var revenue: [Currency: Money] = [:]
    /// Tokens and queries of the accounts' present periods. Both stop at `Quantity.largest`.
    package var tokens: Quantity = 0
    package var queries: Quantity = 0
    /// Accounts.
    package var users = 0
    /// Users who have used 80 % or more, and 100 % or more, of their limit of tokens.
    package var over80 = 0
    package var over100 = 0
    /// Users whose projected tokens (`UsageAnalytics.projected`) are above their limit.
    package var forecastToExceed = 0
    /// The users with the most tokens, the most first: at most `listed`.
    package var top: [UserUse] = []
    /// The users with the largest share of their limit, from 80 % on, the largest first: at most `listed`.
    package var nearLimit: [UserUse] = []

    package static let listed = 10

    package init() {}
}

/// One user's tokens in the present period, with their share of the limit in percent.
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
    /// Counts a subscription, unless it is canceled.
    package mutating func add(_ subscription: Subscription) {
        guard subscription.isLive else { return }
        byPlan[subscription.plan.name, default: 0] += 1
        byStatus[subscription.status, default: 0] += 1
        let currency = subscription.plan.currency
        revenue[currency] = (revenue[currency] ?? .zero) + subscription.monthlyRevenue
    }

    /// Counts an account, as it is at `now`.
    package mutating func add(_ account: Account, at now: Timestamp) {
        let (totals, tokens) = (account.periodTotals, account.tokens)
        users += 1
        self.tokens = self.tokens.bounded(adding: totals.tokens)
        queries = queries.bounded(adding: totals.queries)
        let use = UserUse(
            user: account.user, plan: account.plan, tokens: totals.shownTokens, limit: tokens.limit, percent: tokens.percentUsed)
        if use.percent >= 80 { over80 += 1 }
        if use.percent >= 100 { over100 += 1 }
        if let limit = tokens.limit.quantity, UsageAnalytics(of: account, at: now).projected > limit { forecastToExceed += 1 }
        if use.tokens > 0 { Self.insert(use, into: &top) { ($1.tokens, $0.user) < ($0.tokens, $1.user) } }
        if use.percent >= 80 { Self.insert(use, into: &nearLimit) { ($1.percent, $0.user) < ($0.percent, $1.user) } }
    }

    /// Puts a user's use where the order has it, and keeps the first `listed`.
    private static func insert(_ use: UserUse, into list: inout [UserUse], before isBefore: (UserUse, UserUse) -> Bool) {
        let index = list.firstIndex { isBefore(use, $0) } ?? list.count
        guard index < listed else { return }
        list.insert(use, at: index)
        if list.count > listed { list.removeLast() }
    }
}

extension Subscription {
    /// The revenue of the subscription in a month, to the nearest 10⁻¹⁰: the monthly fee, a twelfth of the yearly fee, or 30 days' share of
    /// the fee of a cycle of days. A trial, a suspension and a canceled subscription bring nothing.
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

/// The tokens that all users of a shop used on one day (UTC), with the shop's numbers as the day ended.
package struct AnalyticsDay: Equatable, Sendable {
    package let day: CivilDay
    package let totals: Totals
    /// Users who used tokens on the day.
    package let activeUsers: Int
    package let shop: ShopAnalytics

    package init(day: CivilDay, totals: Totals, activeUsers: Int, shop: ShopAnalytics) {
        self.day = day
        self.totals = totals
        self.activeUsers = activeUsers
        self.shop = shop
    }
}
