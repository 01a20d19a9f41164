package import Metering
internal import Store

/// A user in a list of users. Its account is as stored: a period that ended in the last seconds may be open in it still.
package struct ListedUser: Sendable {
    package let account: Account
    /// The live one, else the last.
    package let subscription: Subscription?
    package let profile: UserProfile?
}

extension ShopMeter {
    /// The maximum of users that one page of a search looks at.
    private static let searched = 20_000
    private static let searchStep = 500

    /// At most `limit` users whom the search finds, in the order of their ids, and the user after whom the next page begins; nil when there is none.
    /// A page may have fewer users than `limit` and more behind it, as it looks at `searched` users at most.
    package func users(
        _ search: UserSearch, in tenant: Tenant, after user: UserID?, limit: Int
    ) async throws -> (users: [ListedUser], next: UserID?) {
        let now = try await now(of: tenant)
        var (found, after): ([ListedUser], UserID?) = ([], user)
        for _ in 0..<(Self.searched / Self.searchStep) {
            let (step, last) = try await longStep(of: tenant) { [after] in
                try await read { try self.searchStep(search, in: tenant, after: after, at: now, $0) }
            }
            found += step
            if found.count > limit { return (Array(found.prefix(limit)), found[limit - 1].account.user) }
            guard let last else { return (found, nil) }
            after = last
        }
        return (found, after)
    }

    private func searchStep(
        _ search: UserSearch, in tenant: Tenant, after user: UserID?, at now: Timestamp, _ reading: Reading
    ) throws -> (found: [ListedUser], last: UserID?) {
        let page = try KnownUsers.page(of: tenant, after: user, limit: Self.searchStep, reading)
        let candidates = page.users.filter { search.finds($0.user, $0.profile) }
        let live = try Subscriptions.live(candidates.map(\.user), of: tenant, reading)
        let free = try freePlan(of: tenant, reading)
        let found = try candidates.compactMap { user, account, profile -> ListedUser? in
            let subscription = try live[user] ?? (account == nil ? nil : Subscriptions.latest(user, of: tenant, reading))
            let account = account ?? .opened(for: user, free: free, at: now)
            guard search.finds(account, subscription?.status) else { return nil }
            return ListedUser(account: account, subscription: subscription, profile: profile)
        }
        return (found, page.last)
    }
}
