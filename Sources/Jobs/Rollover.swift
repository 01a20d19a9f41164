internal import Metering
internal import Service
internal import Store

extension Job {
    /// Closes the periods and the months of quotas that are due.
    package static let rollover = Job(
        name: "rollover", counts: ["periods_closed", "quota_months_closed", "users"], due: [.periods, .quotas]
    ) { shop in
        let (users, periods) = try await shop.closePeriods()
        return ["periods_closed": periods, "quota_months_closed": try await shop.closeQuotaMonths(), "users": users]
    }
}

extension ShopTurn {
    /// Closes every period that is due; while one page of users is written, the next one is read.
    func closePeriods() async throws -> (users: Int, periods: Int) {
        let excluded = excluded
        var (users, periods) = (0, 0)
        var page = try await service.duePeriods(of: tenant, at: now, after: nil, limit: pace.size, without: excluded)
        while let due = page {
            let size = pace.size
            async let following = service.duePeriods(of: tenant, at: now, after: due.last, limit: size, without: excluded)
            periods += try await close(due)
            users += due.users.count
            page = try await following
        }
        return (users, periods)
    }

    /// Closes the month of every quota that is over.
    func closeQuotaMonths() async throws -> Int {
        try await everyGroup {
            try await service.usersOfDueQuotas(of: tenant, at: now, without: $0)
        } _: {
            try await service.closeQuotaMonths(of: $0, in: tenant, at: now, lease: held())
        }
    }

    /// Where an account moved since it was read, or the page cannot be stored, it is read again in the transactions that write it, and divided
    /// where that fails. Returns the periods closed.
    private func close(_ due: DuePeriods) async throws -> Int {
        do {
            let isClosed = try await pace.paced(service) { try await service.closePeriods(due, of: tenant, lease: held()) }
            if isClosed { return due.periods ?? 0 }
        } catch ServiceError.conflict {
        } catch {
            try await goOn(after: error)
        }
        return try await isolating(due.users) { try await close($0) }
    }

    private func close(_ users: [UserID]) async throws -> Int {
        var (left, count) = (users, 0)
        while !left.isEmpty {
            let closed = try await service.closePeriods(of: left, in: tenant, at: now, lease: held())
            count += closed.periods
            left = closed.left
        }
        return count
    }
}
