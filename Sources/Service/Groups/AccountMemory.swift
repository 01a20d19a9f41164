internal import Metering
internal import Store

/// Accounts as a partition last stored them, so that most events cost no read. A remembered account may be stale: every write names the version
/// that it rests on, and the database refuses one that rests on an old version, which is then settled again.
struct AccountMemory {
    private var accounts = BoundedCache<AccountKey, Account>(capacity: 20_000)

    subscript(key: AccountKey) -> Account? { accounts[key] }

    /// Storing an account is what counts as a use of it.
    mutating func remember(_ account: Account?, of key: AccountKey) { accounts[key] = account }

    mutating func forget(_ keys: some Sequence<AccountKey>) {
        for key in keys { accounts[key] = nil }
    }
}
