package import Metering
package import Store

/// Users whose periods are due, with what closing them changes.
package struct DuePeriods: Sendable {
    /// The last of the users, after whom the next page begins.
    package let last: Accounts.DueCursor
    let closing: PeriodCloser.Closing

    package var users: [UserID] { closing.users }
    /// How many periods of these users are due.
    package var periods: Int { closing.periods }
}

/// Periods that are over. Where a lease is given, nothing is stored once the lease is another owner's.
extension ShopMeter {
    /// Reads the next users whose periods are due, as many as one transaction can close, after `cursor` or from the first; nil after the
    /// last page.
    package func duePeriods(of tenant: Tenant, at now: Timestamp, after cursor: Accounts.DueCursor?) async throws -> DuePeriods? {
        let periods = periods
        return try await read { reading in
            let due = try Accounts.due(at: now, of: tenant, after: cursor, limit: PeriodCloser.group, reading)
            guard !due.isEmpty else { return nil }
            let closing = try periods.settle(due.map(\.user), of: tenant, at: now, reading)
            return DuePeriods(last: due[closing.users.count - 1], closing: closing)
        }
    }

    /// Closes the periods as they were read, in one transaction. Throws `conflict` when an account moved since.
    package func closePeriods(_ due: DuePeriods, of tenant: Tenant, lease: Leases.Lease?) async throws {
        let periods = periods
        try await issuingTransaction(of: tenant) { try periods.save(due.closing, lease: lease, in: $0) }
    }

    /// Closes the due periods of as many of the users as one transaction can, at least of one, and returns the others.
    package func closePeriods(
        of users: [UserID], in tenant: Tenant, at now: Timestamp, lease: Leases.Lease?
    ) async throws -> (periods: Int, left: [UserID]) {
        let periods = periods
        let closed = try await issuingTransaction(of: tenant) { try periods.close(users, of: tenant, at: now, lease: lease, in: $0) }
        return (closed.periods, closed.left)
    }

    /// Closes a user's due periods and ends overdue holds before the account is shown, as the jobs may be late. Returns whether the account
    /// must be read again.
    func bringUpToDate(_ account: Account, of tenant: Tenant, at now: Timestamp) async throws -> Bool {
        let isDue = account.period.isDue(at: now)
        if isDue { _ = try await closePeriods(of: [account.user], in: tenant, at: now, lease: nil) }
        let hasExpired = try await expireIfDue(account, of: tenant, at: now)
        return isDue || hasExpired
    }
}
