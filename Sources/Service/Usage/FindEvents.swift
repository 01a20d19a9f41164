package import Metering
internal import Store

extension ShopMeter {
    private static let usersAtOnce = 1_000

    /// At most `limit` events with that id, which is each user's own: of the users after `user`, in the order of their ids. It looks each user's
    /// event up by its key, so that it takes some microseconds a user of the shop, and no time for the events that there are.
    package func events(_ id: EventID, in tenant: Tenant, after user: UserID?, limit: Int) async throws -> [RecordedEvent] {
        var (found, after): ([RecordedEvent], UserID?) = ([], user)
        while found.count < limit {
            let (step, last) = try await longStep(of: tenant) { [after] in
                try await read { reading in
                    let users = try KnownUsers.ids(of: tenant, after: after, limit: Self.usersAtOnce, reading)
                    let keys = users.map { EventKey(account: AccountKey(tenant: tenant, user: $0), event: id) }
                    let events = try UsageEvents.find(keys, reading).values.sorted { $0.user < $1.user }
                    return (events, users.count < Self.usersAtOnce ? nil : users.last)
                }
            }
            found += step
            guard let last else { break }
            after = last
        }
        return Array(found.prefix(limit))
    }

    /// The names of the dimensions of the shop's events, in order: of the first `maximum` names in as many events as take a moment to look at.
    package func dimensionNames(of tenant: Tenant) async throws -> [String] {
        try await longStep(of: tenant) { try await read { try UsageEvents.dimensionNames(of: tenant, $0) } }
    }
}
