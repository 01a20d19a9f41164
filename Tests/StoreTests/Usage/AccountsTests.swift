import BSON
import Metering
import Mongo
import Support
import Testing

@testable import Store

@Suite struct AccountsTests {
    let tenant = Tenant(shop: ShopID(stored: "shop"))
    let free = plan(tokens: 1_000)

    @Test func `Whatever changes of an account, the stored one is the one in hand`() async throws {
        try await withStore { store in
            var random = SplitMix(seed: 42)
            var stored: Account?
            var account = Account.opened(for: UserID(stored: "u"), free: free, at: start)
            for step in 0..<200 {
                let before = stored
                try change(&account, step: step, &random)
                let saved = AccountChange(tenant: tenant, before: before, after: account, at: start)
                try store.blockingTransaction { try Accounts.save([saved], in: $0) }
                stored = try store.blockingRead { try Accounts.find(UserID(stored: "u"), of: tenant, $0) }
                account = saved.stored
                #expect(stored == account, "step \(step)")
            }
        }
    }

    @Test func `A change that rests on an old version is refused, and stores nothing`() async throws {
        try await withStore { store in
            let users = ["a", "b"].map { Account.opened(for: UserID(stored: $0), free: free, at: start) }
            try store.blockingTransaction {
                try Accounts.save(users.map { AccountChange(tenant: tenant, before: nil, after: $0, at: start) }, in: $0)
            }
            let found = try store.blockingRead { try Accounts.find(users.map { AccountKey(tenant: tenant, user: $0.user) }, $0) }
            let accounts = found.values.sorted { $0.user.rawValue < $1.user.rawValue }
            var stale = accounts[1]
            stale.checkpoint = 7
            let changes = [accounts[0], stale].map { before in
                var after = before
                after.lifetime.tokens = 99
                return AccountChange(tenant: tenant, before: before, after: after, at: start)
            }
            #expect { try store.blockingTransaction { try Accounts.save(changes, in: $0) } } throws: {
                ($0 as? StoreError)?.kind == .conflict
            }
            let read = try store.blockingRead { try Accounts.find(users[0].user, of: tenant, $0) }
            #expect(read?.lifetime.tokens == 0)
        }
    }

    @Test func `Only accounts of the shop whose period is over are due, the longest due first`() async throws {
        try await withStore { store in
            let other = Tenant(shop: ShopID(stored: "other"))
            func save(_ name: String, _ tenant: Tenant, end: Timestamp) throws {
                var account = Account.opened(for: UserID(stored: name), free: free, at: start)
                account.period = Period(start: start, end: end)
                try store.blockingTransaction {
                    try Accounts.save([AccountChange(tenant: tenant, before: nil, after: account, at: start)], in: $0)
                }
            }
            try save("late", tenant, end: start.adding(days: 2))
            try save("now", tenant, end: start.adding(days: 3))
            try save("now-too", tenant, end: start.adding(days: 3))
            try save("later", tenant, end: start.adding(days: 3).adding(milliseconds: 1))
            try save("theirs", other, end: start.adding(days: 1))
            let due = try store.blockingRead { try Accounts.due(at: start.adding(days: 3), of: tenant, after: nil, limit: 10, $0) }
            #expect(due.map(\.user.rawValue) == ["late", "now", "now-too"])
            let following = try store.blockingRead { try Accounts.due(at: start.adding(days: 3), of: tenant, after: due[1], limit: 10, $0) }
            #expect(following.map(\.user.rawValue) == ["now-too"])
        }
    }

    @Test(arguments: ["used", "purchased", "reserved"])
    func `The database itself refuses a negative balance`(field: String) async throws {
        try await withStore { store in
            let account = Account.opened(for: UserID(stored: "u"), free: free, at: start)
            try store.blockingTransaction {
                try Accounts.save([AccountChange(tenant: tenant, before: nil, after: account, at: start)], in: $0)
            }
            #expect(throws: MongoError.self) {
                try store.database.withConnection {
                    _ = try $0.update("token_usage", ["sequence": 1], ["$set": [("meters.0." + field): -1]])
                }
            }
        }
    }

    private func change(_ account: inout Account, step: Int, _ random: inout SplitMix) throws {
        let time = account.period.start.adding(days: Int.random(in: -2...35, using: &random))
        switch step % 20 {
        case 7: account.adopt(plan(tokens: Int64.random(in: 1...9_000, using: &random)), subscription: nil)
        case 13: account.close(at: account.period.end, opening: .calendarMonth(of: account.period.end))
        default:
            let meter = step % 5 == 0 ? Meter(stored: "calls.\(step % 3)") : .tokens
            _ = try account.record(
                UsageContent(meter: meter, amount: .random(in: 0...500, using: &random)), at: time, enforce: false)
        }
    }
}
