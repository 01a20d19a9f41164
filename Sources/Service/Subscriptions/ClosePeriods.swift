package import Metering
package import Store

/// Users whose periods are due, with what closing them changes.
package struct DuePeriods: Sendable {
    /// The last of the users, after whom the next page begins.
    package let last: Accounts.DueCursor
    package let users: [UserID]
    /// Nil where an account among them cannot be read or worked out: then they are closed in smaller groups, to find it.
    let closing: PeriodCloser.Closing?

    /// How many periods of these users are due; nil where that was not worked out.
    package var periods: Int? { closing?.periods }
}

/// Periods that are over. Where a lease is given, nothing is stored once the lease is another owner's.
extension ShopMeter {
    /// Reads the next users whose periods are due, at most `limit` and as many as one transaction can close, after `cursor` or from the first;
    /// nil after the last page. `excluded`: users who are passed over.
    package func duePeriods(
        of tenant: Tenant, at now: Timestamp, after cursor: Accounts.DueCursor?, limit: Int = PeriodCloser.group,
        without excluded: Set<UserID> = []
    ) async throws -> DuePeriods? {
        let periods = periods
        return try await read { reading in
            let page = try Accounts.due(at: now, of: tenant, after: cursor, limit: limit, reading)
            guard let last = page.last else { return nil }
            let due = page.filter { !excluded.contains($0.user) }
            // The error of one account is not that of the page; of the database, it comes again.
            guard let closing = try? periods.settle(due.map(\.user), of: tenant, at: now, reading) else {
                return DuePeriods(last: last, users: due.map(\.user), closing: nil)
            }
            return DuePeriods(
                last: closing.left.isEmpty ? last : due[closing.users.count - 1], users: closing.users, closing: closing)
        }
    }

    /// Closes the periods as they were read, in one transaction: false where they were not worked out. Throws `conflict` when an account
    /// moved since.
    package func closePeriods(_ due: DuePeriods, of tenant: Tenant, lease: Leases.Lease?) async throws -> Bool {
        guard let closing = due.closing else { return false }
        guard !closing.users.isEmpty else { return true }
        let periods = periods
        try await issuingTransaction(of: tenant) { try periods.save(closing, lease: lease, in: $0) }
        return true
    }

    /// Closes the due periods of as many of the users as one transaction can, at least of one, and returns the others.
    package func closePeriods(
        of users: [UserID], in tenant: Tenant, at now: Timestamp, lease: Leases.Lease?
    ) async throws -> (periods: Int, left: [UserID]) {
        let periods = periods
        let closed = try await issuingTransaction(of: tenant) { try periods.close(users, of: tenant, at: now, lease: lease, in: $0) }
        return (closed.periods, closed.left)
    }
}
