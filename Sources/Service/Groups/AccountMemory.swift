internal import Metering
internal import Store

/// Accounts as a partition last stored them, so that most events cost no read. A remembered account may be stale: every write takes the number of the
/// log's next entry, and the database refuses one that is taken, which is then settled again. An erasure frees numbers, and so an account is
/// remembered with its shop's count of erasures at that time, which the write compares.
struct AccountMemory {
    private struct Entry {
        let account: Account
        let erasures: Int64
    }

    private var accounts = BoundedCache<AccountKey, Entry>(capacity: 20_000)
    private var erasures = BoundedCache<Tenant, Int64>(capacity: 10_000)
    /// The events that were stored last: who sends one again is looked up before the group is settled.
    var stored = RecentKeys<EventKey>(capacity: 50_000)
    /// Accounts with events after their documents.
    var behind = QuietKeys<AccountKey>(room: 50_000)

    subscript(key: AccountKey) -> Account? {
        guard let entry = accounts[key], entry.erasures == erasures[key.tenant] else { return nil }
        return entry.account
    }

    /// Storing an account is what counts as a use of it.
    mutating func remember(_ account: Account?, of key: AccountKey) {
        if let account, account.version > account.checkpoint { behind.touch(key, at: .now) }
        accounts[key] = account.flatMap { account in erasures.use(key.tenant).map { Entry(account: account, erasures: $0) } }
    }

    mutating func forget(_ keys: some Sequence<AccountKey>) {
        for key in keys { accounts[key] = nil }
    }

    /// The shops' counts of erasures; those that are not known are read, and must be before the accounts are.
    mutating func learn(_ tenants: Set<Tenant>, _ read: (Set<Tenant>) throws -> [Tenant: Int64]) rethrows -> [Tenant: Int64] {
        let unknown = tenants.filter { erasures[$0] == nil }
        if !unknown.isEmpty { for (tenant, count) in try read(unknown) { erasures[tenant] = count } }
        var counts: [Tenant: Int64] = [:]
        for tenant in tenants { counts[tenant] = erasures[tenant] }
        return counts
    }

    mutating func unlearn(_ tenants: Set<Tenant>) {
        for tenant in tenants { erasures[tenant] = nil }
    }
}
