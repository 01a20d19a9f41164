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

    /// The subscription, while it lives.
    var liveSubscription: Subscription? { subscription.flatMap { $0.isLive ? $0 : nil } }

    /// The plan whose limits count.
    var plan: Plan { liveSubscription.flatMap { $0.status.isEntitled ? $0.plan : nil } ?? free }

    /// The daily usage of the periods that are due and not stored as closed yet, and of the open one.
    var unclosedDays: [DailyUsage] { account.closed.flatMap(\.days) + account.daily }

    /// The maximum of a user's holds past their time that a read ends; the expiry job ends the others within a tick.
    private static let overdueLimit = 500

    init(of user: UserID, in tenant: Tenant, settings: Settings, at now: Timestamp, _ reading: Reading) throws {
        let loaded = try LoadedBillingState(of: user, tenant: tenant, settings: settings, at: now, reading)
        var account = loaded.state.account
        if account.holdsAnything {
            for hold in try Reservations.open(of: user, in: tenant, expiringBy: now, limit: Self.overdueLimit, reading) {
                var ended = hold
                ended.expire(at: now)
                account.releaseHold(from: hold, to: ended)
            }
        }
        (isStored, self.account) = (loaded.stored != nil, account)
        (subscription, free) = (loaded.state.subscription, loaded.free)
    }
}

extension ShopMeter {
    /// The user's account and subscription as they are at `now`. Changes nothing.
    func present(_ user: UserID, in tenant: Tenant, at now: Timestamp, _ reading: Reading) throws -> PresentState {
        try PresentState(of: user, in: tenant, settings: settings, at: now, reading)
    }
}
