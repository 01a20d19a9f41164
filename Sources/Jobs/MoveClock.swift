package import Metering
internal import Service
internal import Store

/// What was done on the way of a test shop's clock.
package struct ClockMove: Equatable, Sendable {
    package let shop: ShopID
    package var now: Timestamp
    package var periodsClosed = 0
    package var reservationsExpired = 0
    package var invoicesOverdue = 0
    package var quotaMonthsClosed = 0
    package var analyticsDays = 0
}

extension JobRunner {
    /// The maximum of days that one call moves a clock by. Each day is walked over, and a call must end.
    private static let maximumDays = 3_660

    /// Moves a test shop's clock forward to `target`. The clock stops at each instant at which something falls due, and the jobs' work of that
    /// instant is done there, so that one long move ends like many short ones. A move to the same time again does nothing twice.
    ///
    /// Throws `conflict` for a shop that lives by the system's time, and `invalid` for a time before the clock's or over 3,660 days ahead.
    package func moveClock(of id: ShopID, to target: Timestamp) async throws -> ClockMove {
        let shop = try await service.shop(id)
        guard let start = shop.testTime else {
            throw ServiceError.conflict("The shop \(id) lives by the system's time: only a test shop's clock is moved.")
        }
        guard target >= start else {
            throw ServiceError.invalid(field: "now", expected: "expected a time that is not before the clock's, \(start.rfc3339)")
        }
        let farthest = start.adding(days: Self.maximumDays)
        guard target <= farthest else {
            throw ServiceError.invalid(field: "now", expected: "expected a time within \(Self.maximumDays) days, by \(farthest.rfc3339)")
        }
        if target > start { try await service.noteClockMove(of: shop.tenant, to: target, at: start) }
        var move = ClockMove(shop: id, now: start)
        while let due = try await nextDue(of: shop.tenant, from: move.now, by: target) {
            try await advance(&move, of: shop.tenant, to: due)
        }
        try await advance(&move, of: shop.tenant, to: target)
        return move
    }

    private func advance(_ move: inout ClockMove, of tenant: Tenant, to time: Timestamp) async throws {
        try Task.checkCancellation()
        try await service.advanceClock(of: tenant, to: time)
        move.now = time
        let turn = ShopTurn(service: service, tenant: tenant, now: try await service.now(of: tenant), lease: nil, failures: nil)
        move.reservationsExpired += try await turn.expireReservations()
        move.periodsClosed += try await turn.closePeriods().periods
        move.invoicesOverdue += try await turn.fallDueInvoices()
        move.quotaMonthsClosed += try await turn.closeQuotaMonths()
        move.analyticsDays += try await turn.keepAnalytics()
    }

    /// The next instant at which something falls due; nil when that is after `target`. An end that is overdue counts as `now`, and a day's
    /// end is always due.
    private func nextDue(of tenant: Tenant, from now: Timestamp, by target: Timestamp) async throws -> Timestamp? {
        let midnight = CivilDay(number: now.day.number + 1).start
        let end = try await service.nextEnd(of: tenant)
        let next = min(end.map { max($0, now) } ?? midnight, midnight)
        return next <= target ? next : nil
    }
}
