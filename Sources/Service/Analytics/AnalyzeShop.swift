package import Metering
internal import Store

/// A shop's numbers now.
package struct ShopReport: Sendable {
    package let shop: Shop
    package let analytics: ShopAnalytics
    package let at: Timestamp
}

extension ShopMeter {
    package func analytics(of tenant: Tenant) async throws -> ShopReport {
        let now = try await now(of: tenant)
        return ShopReport(shop: try await shop(tenant.shop), analytics: try await analyze(tenant, at: now), at: now)
    }

    /// Snapshots of `[from, to]` in order, after `day`.
    package func analyticsDays(
        of tenant: Tenant, from: CivilDay?, to: CivilDay?, after day: CivilDay?, limit: Int
    ) async throws -> (currency: Currency, days: [AnalyticsDay]) {
        try await read { reading in
            let days = try AnalyticsDays.list(of: tenant, from: from, to: to, after: day, limit: limit, reading)
            return (try Self.shop(tenant.shop, reading).currency, days)
        }
    }

    /// Keeps the numbers of each day that is over and is not kept yet, in every shop, while the lease is held.
    package func keepAnalytics(under lease: JobLease) async throws -> ShopWalk {
        try await countingShops { try await keepAnalytics(of: $0, under: lease) }
    }

    /// The most days that are made up for after a long stop.
    static let analyticsDaysBack = 366

    func keepAnalytics(of tenant: Tenant, under lease: JobLease? = nil) async throws -> Int {
        let now = try await now(of: tenant)
        let last = try await read { try AnalyticsDays.last(of: tenant, $0) }
        let yesterday = now.day.number - 1
        let first = max(last.map { $0.number + 1 } ?? yesterday, yesterday - Self.analyticsDaysBack)
        guard first <= yesterday else { return 0 }
        for number in first...yesterday {
            let day = try await self.day(CivilDay(number: number), of: tenant, at: now)
            let held = try await lease?.held()
            do {
                try await transaction { transaction in
                    try AnalyticsDays.insert(day, of: tenant, in: transaction)
                    if let held { try Leases.fence(held, in: transaction) }
                }
            } catch let error as StoreError where error.kind == .duplicate {
                // Another one kept the day meanwhile.
            }
        }
        return yesterday - first + 1
    }

    /// The day with what was used on it in periods that are open and in those that closed since.
    private func day(_ day: CivilDay, of tenant: Tenant, at now: Timestamp) async throws -> AnalyticsDay {
        var (totals, active) = (Totals(), 0)
        let shop = try await analyze(tenant, at: now) { page in
            let users = page.map(\.user)
            let closed = try await read { try PeriodCloses.usage(on: day, by: users, of: tenant, $0) }
            for account in page {
                var used = closed[account.user] ?? Totals()
                for days in account.daily where days.day == day { used.add(days.totals) }
                totals.add(used)
                if used.queries > 0 { active += 1 }
            }
        }
        return AnalyticsDay(day: day, totals: totals, activeUsers: active, shop: shop)
    }

    /// Reads page by page, so that it takes the memory of one; `look` is shown each page of accounts.
    private func analyze(
        _ tenant: Tenant, at now: Timestamp, look: ([Account]) async throws -> Void = { _ in }
    ) async throws -> ShopAnalytics {
        var shop = ShopAnalytics()
        var subscription: SubscriptionID?
        repeat {
            let page = try await exportedSubscriptions(of: tenant, after: subscription, limit: Self.analyticsPage)
            for subscription in page { shop.add(subscription) }
            subscription = page.count < Self.analyticsPage ? nil : page.last?.id
        } while subscription != nil
        var user: UserID?
        repeat {
            let page = try await exportedAccounts(of: tenant, after: user, limit: Self.analyticsPage)
            for account in page { shop.add(account, at: now) }
            try await look(page)
            user = page.count < Self.analyticsPage ? nil : page.last?.user
        } while user != nil
        return shop
    }

    private static let analyticsPage = 500
}
