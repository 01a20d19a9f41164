import Metering
import Service
import ServiceSupport
import Support
import Testing

@Suite struct PurchaseTests {
    private func content(_ user: String, _ amount: Quantity, price: Money? = nil) -> PurchaseContent {
        PurchaseContent(user: UserID(stored: user), meter: .tokens, amount: amount, price: price)
    }

    private func id(_ text: String) -> PurchaseID { PurchaseID(stored: text) }

    @Test func `A purchase is made once for its id, for anyone, and is used after the allowance`() async throws {
        try await withTestService { test in
            let first = try await test.service.purchaseUsage(id("p"), content("u", 500, price: Money("4.99")), for: test.tenant)
            #expect((first.purchase.purchased, first.purchase.remaining, first.isDuplicate) == (500, 1_500, false))
            #expect(first.purchase.content.currency?.code == "EUR", "the shop's")
            let event = try await test.service.recordUsage(test.command("u", "e", 1_200))
            #expect(event.event.settlement.breakdown == Breakdown(fromSubscription: 1_000, fromPurchased: 200))
            let again = try await test.service.purchaseUsage(id("p"), content("u", 500, price: Money("4.99")), for: test.tenant)
            #expect(again.purchase == first.purchase && again.isDuplicate, "as it was then")
            for other in [content("u", 501, price: Money("4.99")), content("u", 500), content("v", 500, price: Money("4.99"))] {
                await #expect(throws: ServiceError.self) { try await test.service.purchaseUsage(id("p"), other, for: test.tenant) }
            }
            #expect(try await test.account(of: "u").tokens.purchased == 300)
        }
    }

    @Test func `Many tasks with one purchase id add it once`() async throws {
        try await withTestService { test in
            let other = test.another()
            defer { other.drain() }
            let answers = try await withThrowingTaskGroup(of: Bool.self) { group in
                for task in 0..<32 {
                    let service = task % 2 == 0 ? test.service : other
                    group.addTask { try await service.purchaseUsage(id("p"), content("u", 10), for: test.tenant).isDuplicate }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { !$0 } == 1)
            #expect(try await test.account(of: "u").tokens.purchased == 10)
        }
    }

    @Test func `What was purchased outlives periods, plans and cancellations`() async throws {
        try await withTestService { test in
            _ = try await test.service.purchaseUsage(id("p"), content("u", 500), for: test.tenant)
            _ = try await test.subscribe("u", to: TestService.basic)
            _ = try await test.subscribe("u", to: TestService.pro, action: .upgrade)
            _ = try await test.service.moveSubscription(of: UserID(stored: "u"), in: test.tenant, .reset())
            test.clock.advance(days: 70)
            #expect(try await test.account(of: "u").tokens.purchased == 500)
            _ = try await test.service.moveSubscription(of: UserID(stored: "u"), in: test.tenant, .cancel(.now))
            test.clock.advance(days: 70)
            #expect(try await test.account(of: "u").tokens.purchased == 500)
        }
    }

    @Test func `With enforcement off nothing is refused or owed, and everything is recorded`() async throws {
        try await withTestService { test in
            let lifted = ShopMeter(
                store: test.store, clock: test.clock, settings: Settings(adminToken: "admin", enforcement: .off))
            defer { lifted.drain() }
            let event = try await lifted.recordUsage(test.command("u", "e", 5_000, enforce: true))
            #expect((event.event.settlement.limit, event.event.settlement.remaining) == (.unlimited, nil))
            #expect(event.event.settlement.breakdown == Breakdown(fromSubscription: 5_000))
            _ = try await test.hold("r", 9_000, through: lifted)
            let check = try await lifted.checkUsage(1_000_000, of: .tokens, for: UserID(stored: "u"), in: test.tenant)
            #expect(check.isAllowed && check.limit == .unlimited)
            let enforced = try await test.service.checkUsage(1, of: .tokens, for: UserID(stored: "u"), in: test.tenant)
            #expect(!enforced.isAllowed && enforced.limit == .of(1_000) && enforced.current == 5_000)
            #expect(try await test.account(of: "u").tokens.rollover == 0)
        }
    }

    @Test func `A check says what would be taken from where, and why not`() async throws {
        try await withTestService { test in
            _ = try await test.service.purchaseUsage(id("p"), content("u", 200), for: test.tenant)
            _ = try await test.service.recordUsage(test.command("u", "e", 900))
            _ = try await test.hold("r", 50)
            let fits = try await test.service.checkUsage(250, of: .tokens, for: UserID(stored: "u"), in: test.tenant)
            #expect(fits.isAllowed && fits.reason == nil)
            #expect(fits.wouldTake == Breakdown(fromSubscription: 100, fromPurchased: 150))
            let not = try await test.service.checkUsage(251, of: .tokens, for: UserID(stored: "u"), in: test.tenant)
            #expect(!not.isAllowed && not.available == 250 && not.reserved == 50 && not.current == 900)
            #expect(
                not.reason
                    == "251 tokens were asked for, and 250 are left: 100 of the allowance of 1000, 200 purchased, less 50 on hold.")
        }
    }
}
