internal import Metering
internal import Store

extension ShopMeter {
    /// The most holds that are ended together.
    private static let expiryGroup = 500

    /// Ends every hold that is past its time, while the lease is held. It is done by the path of every other change of an account, so that
    /// doing it twice is doing it once.
    package func expireReservations(under lease: JobLease) async throws -> ShopWalk {
        try await countingShops { try await expireReservations(of: $0, under: lease) }
    }

    /// Without a lease: for a shop whose time nobody else moves.
    func expireReservations(of tenant: Tenant, under lease: JobLease? = nil) async throws -> Int {
        let now = try await now(of: tenant)
        var count = 0
        while true {
            let overdue = try await read { try Reservations.overdue(at: now, of: tenant, limit: Self.expiryGroup, $0) }
            guard !overdue.isEmpty else { return count }
            _ = try await lease?.held()
            try await expire(overdue, of: tenant)
            count += overdue.count
        }
    }

    /// Before a user's balance is shown: a late job must not show what is held no more.
    func expireIfDue(_ account: Account, of tenant: Tenant, at now: Timestamp) async throws -> Bool {
        guard account.holdsAnything else { return false }
        let overdue = try await read {
            try Reservations.open(of: account.user, in: tenant, expiringBy: now, limit: Self.expiryGroup, $0)
        }
        try await expire(overdue, of: tenant)
        return !overdue.isEmpty
    }

    private func expire(_ overdue: [Reservation], of tenant: Tenant) async throws {
        let outcomes = await recorder.perform(
            overdue.map {
                .free(FreeCommand(tenant: tenant, user: $0.user, reservation: $0.id, cause: .expiry))
            })
        for outcome in outcomes { _ = try outcome.get() }
    }
}

extension Account {
    var holdsAnything: Bool { meters.contains { $0.reserved > 0 } }
}
