internal import Metering
internal import Store

/// Accounts as a lane last stored them, so that most events cost no read. What is remembered may be stale: every write names the version it
/// rests on, and one that rests on an old version is refused and settled again.
struct AccountMemory {
    private var accounts: [AccountKey: Account] = [:]

    static let capacity = 20_000

    subscript(key: AccountKey) -> Account? { accounts[key] }

    mutating func remember(_ account: Account, of key: AccountKey) {
        if accounts.count >= Self.capacity, accounts[key] == nil, let other = accounts.keys.first { accounts[other] = nil }
        accounts[key] = account
    }

    mutating func forget(_ keys: some Sequence<AccountKey>) {
        for key in keys { accounts[key] = nil }
    }
}
