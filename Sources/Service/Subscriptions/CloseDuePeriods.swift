internal import Metering
internal import Store

extension ShopMeter {
    /// What a walk over the shops did.
    package struct Rollover: Equatable, Sendable {
        package var shops = 0
        package var users = 0
        package var periods = 0
        package var quotaMonths = 0
    }

    /// Closes every period and every month of a quota that is due, shop by shop, group by group, while the lease is held.
    package func closeDuePeriods(under lease: JobLease) async throws -> Rollover {
        var done = Rollover()
        try await forEachShop { tenant in
            let shop = try await closeDuePeriods(of: tenant, under: lease)
            done.shops += 1
            done.users += shop.users
            done.periods += shop.periods
            done.quotaMonths += try await closeQuotaMonths(of: tenant, under: lease)
        }
        return done
    }

    /// Without a lease: beside others who may be at it, whose work is then found done. While one group is written, the next one is read.
    func closeDuePeriods(of tenant: Tenant, under lease: JobLease? = nil) async throws -> Rollover {
        let now = try await now(of: tenant)
        var done = Rollover()
        var group = try await dueGroup(of: tenant, at: now, after: nil)
        while let (closing, last) = group {
            async let following = dueGroup(of: tenant, at: now, after: last)
            done.periods += try await save(closing, of: tenant, at: now, under: lease)
            done.users += closing.users.count
            group = try await following
        }
        return done
    }

    /// The next users whose periods are due, with what closing them changes; nil when there are none.
    private func dueGroup(
        of tenant: Tenant, at now: Timestamp, after place: Accounts.DueCursor?
    ) async throws -> (PeriodCloser.Closing, last: Accounts.DueCursor)? {
        let periods = periods
        return try await read { reading in
            let due = try Accounts.due(at: now, of: tenant, after: place, limit: PeriodCloser.group, reading)
            guard !due.isEmpty else { return nil }
            let closing = try periods.settle(due.map(\.user), of: tenant, at: now, reading)
            return (closing, due[closing.users.count - 1])
        }
    }

    /// Where an account moved since it was read, the group is read again in the transactions that write it. Returns how many were closed.
    private func save(_ closing: PeriodCloser.Closing, of tenant: Tenant, at now: Timestamp, under lease: JobLease?) async throws -> Int {
        let (periods, held) = (periods, try await lease?.held())
        do {
            try await issuing(tenant) { try periods.save(closing, lease: held, in: $0) }
            return closing.periods
        } catch ServiceError.conflict {
            return try await close(closing.users, of: tenant, at: now, under: lease)
        }
    }

    private func close(_ users: [UserID], of tenant: Tenant, at now: Timestamp, under lease: JobLease?) async throws -> Int {
        let periods = periods
        var (left, count) = (users, 0)
        while !left.isEmpty {
            let held = try await lease?.held()
            let closed = try await issuing(tenant) { [left] in try periods.close(left, of: tenant, at: now, lease: held, in: $0) }
            count += closed.periods
            left = closed.left
        }
        return count
    }
}
