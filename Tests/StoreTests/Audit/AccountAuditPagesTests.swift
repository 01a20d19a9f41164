import BSON
import Metering
import Mongo
import Support
import Testing

@testable import Store

@Suite struct AccountAuditPagesTests {
    let tenant = Tenant(shop: ShopID(stored: "shop"))

    @Test(arguments: [
        AuditSize(), AuditSize(accounts: 3, entries: 1_000), AuditSize(accounts: 50, entries: 4), AuditSize(accounts: 1, entries: 1),
    ])
    func `Pages of any size see every user once, with or without an account, and no other shop's`(size: AuditSize) async throws {
        try await withStore { store in
            let users = (0..<10).map { "u\($0)" }
            for (index, user) in users.enumerated() {
                try store.log(user, of: tenant, events: index, isOpened: index % 3 != 1)
            }
            for shop in ["sho", "shop-", "shoq"] { try store.log("u5", of: Tenant(shop: ShopID(stored: shop)), events: 9, isOpened: true) }
            var (seen, events, accounts): ([String], Int128, Int) = ([], 0, 0)
            var last: UserID?
            repeat {
                let page = try store.blockingRead { try AccountAuditPages.read(of: tenant, after: last, size: size, $0) }
                seen += page.entries.map(\.user.rawValue)
                for entry in page.entries {
                    let number = Int128(entry.user.rawValue.dropFirst(1)) ?? -1
                    #expect(entry.log.events.values.reduce(0) { $0 + $1.tally.count } == number)
                    #expect((entry.account == nil) == (number % 3 == 1))
                }
                #expect(page.accounts <= size.accounts && page.events <= Int128(size.entries) + 9)
                (events, accounts) = (events + page.events, accounts + page.accounts)
                last = page.last
            } while last != nil
            #expect(seen == users && events == 45 && accounts == 7)
        }
    }

    @Test func `A page is as it was at one instant`() async throws {
        try await withStore { store in
            try store.log("a", of: tenant, events: 2, isOpened: true)
            let page = try store.blockingRead { reading in
                try reading.snapshot { snapshot in
                    _ = try snapshot.findOne("token_usage", [:])
                    try store.log("b", of: tenant, events: 3, isOpened: true)
                    var reader = AccountAuditReader(of: UserRange(tenant: tenant, after: nil), snapshot)
                    return try reader.page(AuditSize())
                }
            }
            #expect(page.entries.map(\.user.rawValue) == ["a"] && page.events == 2)
        }
    }

    @Test func `Sums beyond a long are exact`() async throws {
        try await withStore { store in
            try store.log("a", of: tenant, events: 1_030, amount: .largest, isOpened: true)
            let page = try store.blockingRead { try AccountAuditPages.read(of: tenant, after: nil, $0) }
            let sums = page.entries[0].log.events[.init(.tokens, in: 1)]
            let all = Int128(Quantity.largest) * 1_030
            #expect(all > Int128(Int64.max) && sums?.tally == AccountLog.Tally(amount: all, count: 1_030, peak: .largest))
            #expect(sums?.fromSubscription == all && page.entries[0].log.days.values.map(\.amount) == [all])
        }
    }

    @Test func `A page whose snapshot is gone is read again in halves, to the last account`() throws {
        var tried: [Int] = []
        let gone = MongoError(.transactionAborted, code: 239, "SnapshotTooOld")
        let size = try AuditSize().shrinking { size in
            tried.append(size.accounts)
            if size.accounts > 6 { throw gone }
            return size
        }
        #expect(tried == [50, 25, 12, 6] && size.entries == 2_500)
        let error = #expect(throws: StoreError.self) { try AuditSize().shrinking { _ in throw gone } }
        #expect(error?.kind == .other)
        #expect(throws: MongoError.self) { try AuditSize().shrinking { _ in throw MongoError(.unavailable, "away") } }
    }
}

extension MeterStore {
    /// An account, if it is to be opened, with events of one amount in its log.
    fileprivate func log(_ name: String, of tenant: Tenant, events: Int, amount: Quantity = 1, isOpened: Bool) throws {
        let account = Account.opened(for: UserID(stored: name), free: plan(tokens: 1_000), at: start)
        let settlement = Settlement(
            breakdown: Breakdown(fromSubscription: amount), used: 1, limit: .of(1_000), remaining: 0, alerts: [])
        let recorded = (0..<events).map { index in
            RecordedEvent(
                id: EventID(stored: "e\(index)"), user: account.user, content: UsageContent(amount: amount), at: start, recordedAt: start,
                periodNumber: 1, settlement: settlement)
        }
        try blockingTransaction { transaction in
            try UsageEvents.insert(recorded.map { (tenant, $0) }, in: transaction)
            if isOpened { try Accounts.save([AccountChange(tenant: tenant, before: nil, after: account, at: start)], in: transaction) }
        }
    }
}
