package import Metering
internal import Store

extension ShopMeter {
    /// The maximum of holds that are ended together.
    private static let expiryGroup = 500

    /// Ends the next holds that are past their time: how many, and the errors of those users whose holds were not ended; nil when there is
    /// none. `excluded`: users who are passed over.
    package func expireReservations(
        of tenant: Tenant, at now: Timestamp, without excluded: Set<UserID> = []
    ) async throws -> (expired: Int, failed: [UserID: any Error])? {
        let overdue = try await read {
            try Reservations.overdue(at: now, of: tenant, without: excluded, limit: Self.expiryGroup, $0)
        }
        guard !overdue.isEmpty else { return nil }
        var (expired, failed) = (0, [UserID: any Error]())
        for (hold, outcome) in zip(overdue, await outcomes(ofExpiring: overdue, of: tenant)) {
            do throws(ServiceError) {
                _ = try outcome.get()
                expired += 1
            } catch {
                failed[hold.user] = error
            }
        }
        return (expired, failed)
    }

    private func outcomes(ofExpiring overdue: [Reservation], of tenant: Tenant) async -> [AccountOutcome] {
        await commits.perform(
            overdue.map {
                .free(FreeCommand(tenant: tenant, user: $0.user, reservation: $0.id, cause: .expiry))
            })
    }
}

extension Account {
    var holdsAnything: Bool { meters.contains { $0.reserved > 0 } }
}
