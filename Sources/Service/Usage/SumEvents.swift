internal import Metering
internal import Store

/// Sums over as many events as a user may have.
extension ShopMeter {
    /// For how long a walk keeps a database thread before others have their turn.
    private static let turn = Duration.milliseconds(100)

    /// Adds up a user's events in steps. Throws `tooSlow` when the request's time does not suffice, and `tooLarge` when there are more groups than
    /// may be kept in memory.
    func sums<Sums: EventSums>(
        _ none: Sums, over range: TimeRange, of user: UserID, in tenant: Tenant, tooSlow: ServiceError, tooLarge: ServiceError
    ) async throws -> Sums {
        try await longReads.pass(tenant) {
            var (walk, sums) = (EventWalk(over: range, of: user, in: tenant), none)
            while !walk.isOver {
                if let left = Deadline.current.remaining, left < Self.turn * 5 { throw tooSlow }
                (walk, sums) = try await longStep(of: tenant) { [walk, sums] in try await goOn(walk, sums) }
                guard !sums.isTooLarge else { throw tooLarge }
            }
            return sums
        }
    }

    /// Makes as many steps as there is time for in one turn.
    private func goOn<Sums: EventSums>(_ walk: EventWalk, _ sums: Sums) async throws -> (EventWalk, Sums) {
        try await read { reading in
            var (walk, sums) = (walk, sums)
            let end = ContinuousClock.now + Self.turn
            repeat { try walk.step(into: &sums, reading) } while !walk.isOver && .now < end
            return (walk, sums)
        }
    }
}
