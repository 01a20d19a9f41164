package import Metering
internal import Store

extension ShopMeter {
    /// The user's account with its subscription as they were at the instant, to the millisecond: by all entries of its log up to then, with the periods closed that
    /// were due. Throws `invalid` for an instant that has not come, or is before what the log keeps.
    ///
    /// What was due and is not in the log is done by the shop's plans and rules of today.
    package func usage(of user: UserID, in tenant: Tenant, at time: Timestamp) async throws -> UsageSummary {
        let now = try await now(of: tenant)
        guard time <= now else {
            throw ServiceError.invalid(field: "at", expected: "a time that has passed by the shop's clock, which says \(now.rfc3339)")
        }
        return try await readAtOnce { [settings] reading in
            let terms = try ShopTerms(of: tenant, settings: settings, reading)
            var state = try Self.pastState(of: user, in: tenant, at: time, terms, reading)
            _ = state.closeDuePeriods(at: time, free: terms.free)
            let account = try Self.endingHolds(of: state.account, in: tenant, at: time, reading)
            let live = state.subscription.flatMap { $0.isLive ? $0 : nil }
            return UsageSummary(
                shop: tenant.shop, account: account.under(settings.enforcement),
                plan: live.flatMap { $0.isEntitled ? $0.plan : nil } ?? terms.free, subscription: live,
                daysRemaining: account.period.daysRemaining(at: time), at: time, isPast: true)
        }
    }

    private static func pastState(
        of user: UserID, in tenant: Tenant, at time: Timestamp, _ terms: ShopTerms, _ reading: Reading
    ) throws -> BillingState {
        switch try Accounts.past(user, of: tenant, at: time, reading) {
        case .unopened:
            return BillingState(account: .opened(for: user, free: terms.free, at: time), subscription: nil, basis: terms.rules.proration)
        case .known(let account, let subscription):
            return BillingState(account: account, subscription: subscription, basis: terms.rules.proration)
        case .unknown(let beginning):
            let known = beginning.map { "a time from \($0.rfc3339) on; before it the log keeps no balances" }
            throw ServiceError.invalid(field: "at", expected: known ?? "no time, as the log keeps no balances of this user yet")
        }
    }

    /// The account without the holds that were over and are still not ended: the expiry job ends each within a tick, and its end is in the log.
    private static func endingHolds(of account: Account, in tenant: Tenant, at time: Timestamp, _ reading: Reading) throws -> Account {
        guard account.holdsAnything else { return account }
        var account = account
        let overdue = try Reservations.open(
            of: [account.user], in: tenant, expiringBy: time, limit: PresentState.overdueLimit, reading)
        account.endHolds(overdue, at: time)
        return account
    }
}
