package import Metering
internal import Store

extension ShopMeter {
    /// The maximum of holds that are ended together.
    private static let expiryGroup = 500

    /// Ends the next holds that are past their time: how many, nil when there is none.
    package func expireReservations(of tenant: Tenant, at now: Timestamp) async throws -> Int? {
        let overdue = try await read { try Reservations.overdue(at: now, of: tenant, limit: Self.expiryGroup, $0) }
        guard !overdue.isEmpty else { return nil }
        try await expire(overdue, of: tenant)
        return overdue.count
    }

    /// Ends a user's holds that are past their time, as the job may be late. Returns whether there was one.
    func expireIfDue(_ account: Account, of tenant: Tenant, at now: Timestamp) async throws -> Bool {
        guard account.holdsAnything else { return false }
        let overdue = try await read {
            try Reservations.open(of: account.user, in: tenant, expiringBy: now, limit: Self.expiryGroup, $0)
        }
        try await expire(overdue, of: tenant)
        return !overdue.isEmpty
    }

    private func expire(_ overdue: [Reservation], of tenant: Tenant) async throws {
        let outcomes = await commits.perform(
            overdue.map {
                .free(FreeCommand(tenant: tenant, user: $0.user, reservation: $0.id, cause: .expiry))
            })
        for outcome in outcomes { _ = try outcome.get() }
    }
}

extension Account {
    var holdsAnything: Bool { meters.contains { $0.reserved > 0 } }
}
