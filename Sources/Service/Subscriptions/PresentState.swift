internal import Metering
internal import Store

/// A user's account and subscription as they are at a time: with the periods closed that are due then, and the holds ended that are past their time,
/// by the rules by which the jobs and the next event store that. Reads show this and write nothing, so that at the first of the month, when the
/// periods of all users end at once, they cost what they cost on any other day.
struct PresentState {
    /// Whether the account is stored; else it is as the user's first event would open it.
    let isStored: Bool
    let account: Account
    /// The live subscription as stored, as it is then; a cancellation may have ended it since.
    let subscription: Subscription?
    /// The plan of users without a subscription that entitles them to another.
    let free: Plan
    /// Whether the shop advises its users.
    let recommends: Bool
    /// The shop's time of it.
    let at: Timestamp

    /// The subscription, while it lives.
    var liveSubscription: Subscription? { subscription.flatMap { $0.isLive ? $0 : nil } }

    /// The plan whose limits count.
    var plan: Plan { liveSubscription.flatMap { $0.status.isEntitled ? $0.plan : nil } ?? free }

    /// The daily usage of the periods that are due and not stored as closed yet, and of the open one.
    var unclosedDays: [DailyUsage] { account.closed.flatMap(\.days) + account.daily }

    /// The maximum of holds past their time, for each user, that a read ends; the expiry job ends the others within a tick.
    static let overdueLimit = 500

    private init(_ loaded: LoadedBillingState, endingHolds overdue: [Reservation], at now: Timestamp) {
        var account = loaded.state.account
        account.endHolds(overdue, at: now)
        (isStored, self.account) = (loaded.stored != nil, account)
        (subscription, free) = (loaded.state.subscription, loaded.terms.free)
        (recommends, at) = (loaded.terms.rules.recommends, now)
    }

    /// Of each of the users.
    static func all(
        of users: [UserID], in tenant: Tenant, settings: Settings, at now: Timestamp, _ reading: Reading
    ) throws -> [UserID: PresentState] {
        let loaded = try LoadedBillingState.all(of: users, tenant: tenant, settings: settings, at: now, reading)
        let holders = loaded.values.map(\.state.account).filter(\.holdsAnything).map(\.user)
        let overdue =
            holders.isEmpty
            ? [] : try Reservations.open(of: holders, in: tenant, expiringBy: now, limit: overdueLimit * holders.count, reading)
        let overdueOf = Dictionary(grouping: overdue, by: \.user)
        return Dictionary(
            uniqueKeysWithValues: loaded.map { user, state in (user, PresentState(state, endingHolds: overdueOf[user] ?? [], at: now)) })
    }
}

extension ShopMeter {
    /// The user's account and subscription as they are at `now`. Changes nothing.
    func present(_ user: UserID, in tenant: Tenant, at now: Timestamp, _ reading: Reading) throws -> PresentState {
        try Self.found(PresentState.all(of: [user], in: tenant, settings: settings, at: now, reading)[user])
    }

    /// The user's account and subscription as they are now. Changes nothing. Of users who are asked for at once, a round reads many.
    func present(_ user: UserID, in tenant: Tenant) async throws -> PresentState {
        let group = ReadersOfShop(tenant: tenant, share: Share.current)
        let present = try await presentStates.value(of: user, in: group) { users in
            try await read { [clocks, settings] reading in
                try PresentState.all(of: users, in: tenant, settings: settings, at: clocks.now(of: tenant, reading), reading)
            }
        }
        return try Self.found(present)
    }

    private static func found(_ present: PresentState?) throws -> PresentState {
        guard let present else { throw ServiceError.fault("The state of a user was not read.") }
        return present
    }
}

/// Whose reads are gathered: those of one shop, which take its share of the database's threads.
struct ReadersOfShop: Hashable, Sendable {
    let tenant: Tenant
    let share: Share
}
