package import Metering
internal import Store

/// A subscription with its user's account, and what follows from both.
package struct SubscriptionView: Sendable {
    package let shop: ShopID
    package let subscription: Subscription
    package let tokens: MeterBalance
    package let account: Account
    package let analytics: UsageAnalytics
    /// Whole days to the end of the billing period; 0 when it is canceled.
    package let daysRemaining: Int
    package let alerts: [StatusAlert]
    package let recommendations: [String]
    /// The shop's time of this view.
    package let at: Timestamp
    /// The days of the last `dailyDays` on which tokens were used, those of closed periods too, in order; empty where they were not asked for.
    package var days: [DailyUsage] = []

    /// The count of days, the present one among them.
    static let dailyDays = 30

    /// `catalog`: the shop's own plans; none where it does not advise.
    init(of tenant: Tenant, subscription: Subscription, account: Account, catalog: [Plan]?, at now: Timestamp) {
        shop = tenant.shop
        at = now
        self.subscription = subscription
        self.account = account
        tokens = account.tokens
        analytics = UsageAnalytics(of: account, at: now)
        daysRemaining = subscription.isLive ? subscription.period.daysRemaining(at: now) : 0
        alerts = StatusAlert.alerts(tokens: tokens, daysRemaining: subscription.isLive ? daysRemaining : nil)
        guard let catalog else {
            recommendations = []
            return
        }
        let fit = PlanFit(of: account, on: subscription, catalog: catalog)
        recommendations =
            Recommendations.sentences(tokens: tokens, subscription: subscription, analytics: analytics, catalog: catalog)
            + [fit?.sentence].compactMap(\.self)
    }

    init(of tenant: Tenant, _ subscription: Subscription, _ present: PresentState, catalog: [Plan]?) {
        self.init(of: tenant, subscription: subscription, account: present.account, catalog: catalog, at: present.at)
    }

    /// The period of the allowance that counts; a free plan's is the calendar month.
    package var allowancePeriod: Period {
        if subscription.isEntitled { return account.period }
        return Period(start: account.period.start, end: Period.calendarMonth(of: at).end)
    }
}

extension ShopMeter {
    /// The user's live subscription, else the latest. Throws `notFound` when there never was one.
    /// `withDays`: with the days that the history shows, of closed periods too.
    package func subscription(of user: UserID, in tenant: Tenant, withDays: Bool = false) async throws -> SubscriptionView {
        guard !withDays else { return try await viewWithDays(of: user, in: tenant) }
        let present = try await present(user, in: tenant)
        let plans = present.recommends ? try await advisedPlans(of: tenant) : nil
        if let subscription = present.subscription { return SubscriptionView(of: tenant, subscription, present, catalog: plans) }
        return try await read { SubscriptionView(of: tenant, try Self.latest(user, of: tenant, $0), present, catalog: plans) }
    }

    private func viewWithDays(of user: UserID, in tenant: Tenant) async throws -> SubscriptionView {
        let now = try await now(of: tenant)
        return try await readAtOnce { reading in
            var view = try self.view(of: user, in: tenant, at: now, reading)
            let first = CivilDay(number: now.day.number - SubscriptionView.dailyDays + 1)
            let closed = try PeriodCloses.ending(after: first.start, of: user, in: tenant, reading) + view.account.closed
            let days = (closed.flatMap(\.days) + view.account.daily).filter { $0.day >= first }
            view.days = days.reduce(into: []) { days, next in
                // A day in which a period ended is in both.
                if let last = days.indices.last, days[last].day == next.day { return days[last].totals.add(next.totals) }
                days.append(next)
            }
            return view
        }
    }

    /// Subscriptions with their accounts, oldest first, after `id`.
    package func subscriptions(
        of tenant: Tenant, status: SubscriptionStatus?, plan: PlanName?, after id: SubscriptionID?, limit: Int
    ) async throws -> [SubscriptionView] {
        let now = try await now(of: tenant)
        return try await read { reading in
            let found = try SubscriptionList(status: status, plan: plan).page(of: tenant, after: id, limit: limit, reading)
            let accounts = try Accounts.find(found.map { AccountKey(tenant: tenant, user: $0.user) }, reading)
            let live = try Subscriptions.live(found.map(\.user), of: tenant, reading)
            let terms = try ShopTerms(of: tenant, settings: self.settings, reading)
            let catalog = terms.rules.recommends ? try Plans.list(of: tenant, reading) : nil
            return found.map { subscription in
                let account =
                    accounts[AccountKey(tenant: tenant, user: subscription.user)]
                    ?? .opened(for: subscription.user, free: terms.free, at: now)
                var state = BillingState(account: account, subscription: live[subscription.user], basis: terms.rules.proration)
                _ = state.closeDuePeriods(at: now, free: terms.free)
                let shown = state.subscription?.id == subscription.id ? state.subscription ?? subscription : subscription
                return SubscriptionView(of: tenant, subscription: shown, account: state.account, catalog: catalog, at: now)
            }
        }
    }

    func view(of user: UserID, in tenant: Tenant, at now: Timestamp, _ reading: Reading) throws -> SubscriptionView {
        let present = try present(user, in: tenant, at: now, reading)
        let subscription = try present.subscription ?? Self.latest(user, of: tenant, reading)
        return SubscriptionView(of: tenant, subscription, present, catalog: present.recommends ? try Plans.list(of: tenant, reading) : nil)
    }

    private static func latest(_ user: UserID, of tenant: Tenant, _ reading: Reading) throws -> Subscription {
        guard let latest = try Subscriptions.latest(user, of: tenant, reading) else {
            throw ServiceError.notFound("The user \(user) has no subscription.")
        }
        return latest
    }

    /// The shop's own plans, which it advises. Who asks at once gets them by one read.
    private func advisedPlans(of tenant: Tenant) async throws -> [Plan] {
        try await advisedPlans.value(of: tenant, in: Share.current) { tenants in
            try await read { reading in
                Dictionary(uniqueKeysWithValues: try tenants.map { ($0, try Plans.list(of: $0, reading)) })
            }
        } ?? []
    }
}

/// A user's account, subscription, open holds, wallet and profile.
package struct UserOverview: Sendable {
    package let summary: UsageSummary
    /// At most `maximumHolds`, the first to expire first.
    package let openHolds: [Reservation]
    /// Nil when no wallet was opened.
    package let wallet: Wallet?
    /// Nil when the shop never said who the user is.
    package var profile: UserProfile?

    package static let maximumHolds = 200
}

extension ShopMeter {
    package func overview(of user: UserID, in tenant: Tenant) async throws -> UserOverview {
        let summary = try await usage(of: user, in: tenant)
        let (holdsAnything, clocks) = (summary.account.holdsAnything, clocks)
        return try await read { reading in
            let now = try clocks.now(of: tenant, reading)
            let holds =
                try holdsAnything
                ? Reservations.open(of: user, in: tenant, expiringAfter: now, limit: UserOverview.maximumHolds, reading) : []
            return UserOverview(
                summary: summary, openHolds: holds, wallet: try Self.walletIfAny(of: .user(user), in: tenant, at: now, reading),
                profile: try Users.find(user, of: tenant, reading)?.profile)
        }
    }
}
