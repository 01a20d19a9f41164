package import Metering
package import Store

/// The analytics of a shop at an instant.
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

    /// The kept days from `from` to `to`, both included, in order, after the cursor `day`.
    package func analyticsDays(
        of tenant: Tenant, from: CivilDay?, to: CivilDay?, after day: CivilDay?, limit: Int
    ) async throws -> (currency: Currency, days: [AnalyticsDay]) {
        try await read { reading in
            let days = try AnalyticsDayList(from: from, to: to).page(of: tenant, after: day, limit: limit, reading)
            return (try Self.shop(tenant.shop, reading).currency, days)
        }
    }

    /// The maximum of days that are made up for after a long stop.
    static let analyticsDaysBack = 366

    /// The numbers of the next day that is over and not kept yet; nil when every day is kept.
    package func nextAnalyticsDay(of tenant: Tenant, at now: Timestamp) async throws -> AnalyticsDay? {
        let last = try await read { try AnalyticsDays.last(of: tenant, $0) }
        let yesterday = now.day.number - 1
        let next = max(last.map { $0.number + 1 } ?? yesterday, yesterday - Self.analyticsDaysBack)
        return next <= yesterday ? try await day(CivilDay(number: next), of: tenant, at: now) : nil
    }

    /// Keeps a day's numbers, once: a day that another instance kept meanwhile stays as it is. Nothing is stored once the lease is another
    /// owner's.
    package func keepAnalytics(_ day: AnalyticsDay, of tenant: Tenant, lease: Leases.Lease?) async throws {
        do {
            try await transaction { transaction in
                try AnalyticsDays.insert(day, of: tenant, in: transaction)
                if let lease { try Leases.fence(lease, in: transaction) }
            }
        } catch let error as StoreError where error.kind == .duplicate {}
    }

    /// The numbers of a day: usage from open periods and from those that closed since, and the shop as it is now.
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

    /// Adds up subscriptions and accounts page by page; `look` is given each page of accounts.
    private func analyze(
        _ tenant: Tenant, at now: Timestamp, look: ([Account]) async throws -> Void = { _ in }
    ) async throws -> ShopAnalytics {
        var shop = ShopAnalytics()
        try await forEachPage(of: Subscription.self, in: tenant) { page in
            for subscription in page { shop.add(subscription) }
        }
        try await forEachPage(of: Account.self, in: tenant) { page in
            for account in page { shop.add(account, at: now) }
            try await look(page)
        }
        return shop
    }
}
