internal import Crypto
package import Metering
internal import Store

extension ShopMeter {
    private static let eventsAtOnce = 500
    /// How often the last step is tried, when something was recorded meanwhile.
    private static let finishes = 20

    /// Erases the person: ends the subscription, puts a token in the place of the id in events, invoices and everything else that the books need, and
    /// forgets the rest. Sums, prices and numbers of invoices stay. What is recorded under the id later is a new user's. Throws `notFound` for a user
    /// of whom nothing is kept. One that is broken off goes on when it is asked for again.
    package func eraseUser(_ user: UserID, quoted: String, of tenant: Tenant, by actor: Actor) async throws -> ErasedUser {
        let now = try await now(of: tenant)
        let begun = ErasedUser(token: UserID(stored: "erased-" + Hex.text(try randomBytes(12))), at: now, by: actor)
        let erased = try await transaction { transaction in
            if let underWay = try Erasures.underWay(user, of: tenant, transaction) { return underWay }
            guard try Erasures.isKnown(user, of: tenant, transaction) else { throw ServiceError.notFound("There is no user \(user).") }
            try Erasures.begin(begun, user, of: tenant, in: transaction)
            return begun
        }
        try await endSubscription(of: user, in: tenant, by: actor)
        try await write { try Erasures.forgetAnswers(about: user, quoted: quoted, of: tenant, $0) }
        for attempt in 1... {
            do {
                while try await moveEvents(of: user, to: erased, tenant) == Self.eventsAtOnce {}
                return try await finish(user, as: erased, tenant)
            } catch ServiceError.conflict where attempt < Self.finishes {}
        }
        throw ServiceError.contended
    }

    private func endSubscription(of user: UserID, in tenant: Tenant, by actor: Actor) async throws {
        do {
            _ = try await moveSubscription(of: user, in: tenant, .cancel(.now), by: actor)
        } catch ServiceError.notFound {} catch ServiceError.invalidTransition {}
    }

    private func moveEvents(of user: UserID, to erased: ErasedUser, _ tenant: Tenant) async throws -> Int {
        try await transaction { try Erasures.moveEvents(of: user, to: erased, limit: Self.eventsAtOnce, of: tenant, in: $0) }
    }

    /// The last events and everything else at once, so that an audit at any instant finds an account with its log.
    private func finish(_ user: UserID, as erased: ErasedUser, _ tenant: Tenant) async throws -> ErasedUser {
        try await transaction { transaction in
            guard try Erasures.moveEvents(of: user, to: erased, limit: Self.eventsAtOnce, of: tenant, in: transaction) < Self.eventsAtOnce
            else { throw ServiceError.conflict("The user is in use.") }
            return try Erasures.finish(user, as: erased, of: tenant, in: transaction)
        }
    }
}
