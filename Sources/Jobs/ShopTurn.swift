internal import Metering
internal import Service
internal import Store

/// One shop's part of a job's turn.
struct ShopTurn: Sendable {
    let service: ShopMeter
    let tenant: Tenant
    /// The shop's time when its part began.
    let now: Timestamp
    /// Nil on the way of a test shop's clock, whose time nobody else moves.
    let lease: JobLease?
    /// What fails alone; nil on the way of a test shop's clock, which ends at the first error.
    let failures: TurnFailures?
    var pace = TurnPace()

    /// The lease for the next transaction to be fenced by. Throws `conflict` when it was lost, and `CancellationError` when the service stops.
    func held() async throws -> Leases.Lease? {
        try Task.checkCancellation()
        return try await lease?.held()
    }

    /// The users who are passed over: they wait after failures, or failed in this turn.
    var excluded: Set<UserID> { failures?.excluded(in: tenant.shop) ?? [] }
}

/// One that fails holds no other up.
extension ShopTurn {
    /// Does the work for group after group of the users. Returns the sum of what was done.
    func isolating(_ users: [UserID], _ work: ([UserID]) async throws -> Int) async throws -> Int {
        var (left, count) = (users[...], 0)
        while !left.isEmpty {
            let group = left.prefix(pace.size)
            left = left.dropFirst(group.count)
            count += try await isolatingGroup(Array(group), work)
        }
        return count
    }

    /// Does the work for all of the users at once; where that fails, for each half of them, down to the user who fails alone, who is noted
    /// and left.
    private func isolatingGroup(_ users: [UserID], _ work: ([UserID]) async throws -> Int) async throws -> Int {
        guard let first = users.first else { return 0 }
        do {
            return try await pace.paced(service) { try await work(users) }
        } catch {
            try await goOn(after: error)
            guard users.count > 1 else {
                try note(error, of: first)
                return 0
            }
            let middle = users.count / 2
            return try await isolating(Array(users[..<middle]), work) + isolating(Array(users[middle...]), work)
        }
    }

    /// Does the work for group after group of users, until nobody is due who is not excluded.
    func everyGroup(
        _ due: (_ excluded: Set<UserID>) async throws -> [UserID], _ work: ([UserID]) async throws -> Int
    ) async throws -> Int {
        var count = 0
        while true {
            let users = try await due(excluded)
            guard !users.isEmpty else { return count }
            count += try await isolating(users, work)
        }
    }

    /// Returns where the error concerns the work under way alone. Throws where nothing else would go better: the service stops, the lease was
    /// lost, or the database does not answer.
    func goOn(after error: any Error) async throws {
        try Task.checkCancellation()
        guard failures != nil, let lease else { throw error }
        try await lease.confirm()
    }

    /// Notes that the user's part fails. Throws when so many do that the shop fails as a whole.
    func note(_ error: any Error, of user: UserID) throws {
        guard let failures else { throw error }
        try failures.note(error, of: JobFailure.Subject(shop: tenant.shop, user: user))
    }
}
