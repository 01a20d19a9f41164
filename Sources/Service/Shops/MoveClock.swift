package import Metering
internal import Store

/// What fell due on the way of a test shop's clock.
package struct ClockMove: Equatable, Sendable {
    package let shop: ShopID
    package var now: Timestamp
    package var periodsClosed = 0
    package var reservationsExpired = 0
    package var invoicesOverdue = 0
    package var quotaMonthsClosed = 0
    package var analyticsDays = 0
}

extension ShopMeter {
    /// The most days of one way: each is walked over, and nobody waits for a way of centuries.
    private static let longestWay = 3_660

    /// Moves a test shop's clock forward. It stops at each instant at which something falls due and does it there, in order, so that one long
    /// way ends like many short ones. What it was asked is done when it returns; asked again, nothing is done twice.
    ///
    /// Throws `conflict` for a shop that lives by the system's time, and `invalid` for a time before the clock's or too far ahead of it.
    package func moveClock(of id: ShopID, to target: Timestamp) async throws -> ClockMove {
        let shop = try await shop(id)
        guard let start = shop.testTime else {
            throw ServiceError.conflict("The shop \(id) lives by the system's time: only a test shop's clock is moved.")
        }
        guard target >= start else {
            throw ServiceError.invalid(field: "now", expected: "expected a time that is not before the clock's, \(start.rfc3339)")
        }
        let farthest = start.adding(days: Self.longestWay)
        guard target <= farthest else {
            throw ServiceError.invalid(field: "now", expected: "expected a time within \(Self.longestWay) days, by \(farthest.rfc3339)")
        }
        var move = ClockMove(shop: id, now: start)
        while let due = try await nextDue(of: shop.tenant, from: move.now, by: target) {
            try await advance(&move, of: shop.tenant, to: due)
        }
        try await advance(&move, of: shop.tenant, to: target)
        return move
    }

    private func advance(_ move: inout ClockMove, of tenant: Tenant, to time: Timestamp) async throws {
        try Task.checkCancellation()
        try await write { try Shops.advance(tenant, to: time, $0) }
        move.now = time
        move.reservationsExpired += try await expireReservations(of: tenant)
        move.periodsClosed += try await closeDuePeriods(of: tenant).periods
        move.invoicesOverdue += try await fallDueInvoices(of: tenant)
        move.quotaMonthsClosed += try await closeQuotaMonths(of: tenant)
        move.analyticsDays += try await keepAnalytics(of: tenant)
    }

    /// The next end of a period, of a hold, of the time to pay an invoice, or of a day.
    private func nextDue(of tenant: Tenant, from now: Timestamp, by target: Timestamp) async throws -> Timestamp? {
        let midnight = CivilDay(number: now.day.number + 1).start
        let due = try await read { reading in
            let ends = [
                try Accounts.nextEnd(of: tenant, reading), try Reservations.nextExpiry(of: tenant, reading),
                try Invoices.nextDue(of: tenant, reading),
            ]
            return ends.compactMap(\.self).min()
        }
        let next = min(due.map { max($0, now) } ?? midnight, midnight)
        return next <= target ? next : nil
    }
}
