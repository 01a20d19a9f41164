import BSON
import Metering
import Mongo
import ServiceSupport
import Store
import Support
import Testing

@testable import Service

/// What closings and changes issue.
@Suite struct InvoiceIssueTests {
    @Test func `Three months late are three invoices in order, and once only`() async throws {
        try await withTestService { test in
            _ = try await test.subscribe("u", to: TestService.pro)
            test.clock.move(to: "2027-02-10T12:00:00Z")
            #expect(try await test.run("rollover")?["periods_closed"] == 3)
            let invoices = try await test.invoices()
            #expect(invoices.map(\.number.rawValue) == ["FACT-202702-0001", "FACT-202702-0002", "FACT-202702-0003"])
            #expect(invoices.map(\.bill.periodNumber) == [1, 2, 3] && invoices.allSatisfy { $0.total.text == "29.00" })
            #expect(invoices.allSatisfy { $0.dueAt == $0.issuedAt.adding(days: 14) && $0.status == .pending })
            let done = try await test.run("rollover")
            #expect(done?["periods_closed"] == 0)
            #expect(try await test.invoices() == invoices)
        }
    }

    @Test func `A period that the timer, a reader and usage close at once is billed once`() async throws {
        try await withTestService { test in
            let users = (0..<30).map { "u\($0)" }
            for user in users { _ = try await test.subscribe(user, to: TestService.basic) }
            test.clock.move(to: "2027-01-10T12:00:00Z")
            let other = test.another()
            defer { other.drain() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await test.run("rollover") }
                for user in users {
                    group.addTask { _ = try await other.recordUsage(test.command(user, "e")) }
                    group.addTask { _ = try await test.service.subscription(of: UserID(stored: user), in: test.tenant) }
                }
                try await group.waitForAll()
            }
            let invoices = try await test.invoices()
            #expect(invoices.map(\.number) == (1...60).map { InvoiceNumber($0, in: CivilMonth(of: test.clock.now().day)) })
            #expect(Set(invoices.map { "\($0.bill.user) \($0.bill.periodNumber)" }).count == 60)
        }
    }

    @Test func `Two hundred upgrades at once have two hundred numbers, none twice and none missing`() async throws {
        try await withTestService { test in
            for user in 0..<200 { _ = try await test.subscribe("u\(user)", to: TestService.basic) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for user in 0..<200 {
                    group.addTask { _ = try await test.subscribe("u\(user)", to: TestService.pro, action: .upgrade) }
                }
                try await group.waitForAll()
            }
            let invoices = try await test.invoices()
            #expect(invoices.map(\.number) == (1...200).map { InvoiceNumber($0, in: CivilMonth(of: test.clock.now().day)) })
            #expect(invoices.allSatisfy { $0.bill.kind == .change && $0.total.text == "20.00" })
        }
    }

    @Test func `Each shop and each month counts for itself`() async throws {
        try await withTestService { test in
            _ = try await test.subscribe("u", to: TestService.basic)
            _ = try await test.subscribe("u", to: TestService.pro, action: .upgrade)
            let other = try await test.service.createShop(
                id: ShopID(stored: "other"), name: "Other", currency: Currency(stored: "EUR"), clock: .live
            ).shop.tenant
            for plan in [TestService.basic, TestService.pro] {
                _ = try await test.service.putPlan(plan, of: other)
                let request = SubscriptionRequest(user: UserID(stored: "u"), action: .create, planName: plan.name)
                _ = try await test.service.changeSubscription(request, of: other)
            }
            test.clock.move(to: "2026-12-10T12:00:00Z")
            _ = try await test.service.closePeriods(of: [UserID(stored: "u")], in: test.tenant, at: test.clock.now(), lease: nil)
            #expect(try await test.invoices().map(\.number.rawValue) == ["FACT-202611-0001", "FACT-202612-0001"])
            #expect(try await test.invoices(of: other).map(\.number.rawValue) == ["FACT-202611-0001"])
        }
    }

    @Test func `Going down gives credit for what was paid, and lowers what is not; a new subscription takes the credit over`() async throws
    {
        try await withTestService { test in
            let user = UserID(stored: "u")
            _ = try await test.subscribe("u", to: TestService.basic)
            _ = try await test.subscribe("u", to: TestService.pro, action: .upgrade)
            _ = try await test.subscribe("u", to: TestService.basic, action: .downgrade)
            let lowered = try #require(try await test.invoices().first)
            #expect((lowered.status, lowered.total.text) == (.cancelled, "0.00"), "nobody paid it")
            _ = try await test.subscribe("u", to: TestService.pro, action: .upgrade)
            let upgrade = try #require(try await test.invoices().first { $0.status == .pending })
            #expect(upgrade.total.text == "20.00")
            _ = try await test.service.payInvoice(upgrade.number, reference: "p", of: test.tenant)
            let view = try await test.subscribe("u", to: TestService.basic, action: .downgrade).view
            #expect(view.subscription.creditBalance.text == "11.00", "20.00 were paid, and the month costs 9.00")
            let credits = try await test.service.page(of: TransactionList(of: user), in: test.tenant, after: nil, limit: 10)
            #expect(credits.map(\.transaction.kind).sorted { $0.rawValue < $1.rawValue } == [.credit, .subscription])
            test.clock.advance(days: 15)
            let canceled = try await test.service.moveSubscription(of: user, in: test.tenant, .cancel(.now)).subscription
            #expect(canceled.creditBalance.text == "15.50", "half of the month was used")
            let again = try await test.subscribe("u", to: TestService.basic).view.subscription
            #expect(again.creditBalance.text == "15.50")
            let all = try await test.service.exported(Subscription.self, of: test.tenant, after: nil, limit: 10)
            #expect(all.map(\.creditBalance.text) == ["0.00", "15.50"], "it went over")
            #expect(try await test.audit().findings == [])
        }
    }

    @Test func `A reset and a cancellation now bill what there was; one at the period's end bills all of it; a trial nothing`() async throws
    {
        try await withTestService { test in
            for user in ["reset", "now", "end", "trial"] {
                _ = try await test.subscribe(user, to: TestService.pro, trialDays: user == "trial" ? 30 : nil)
            }
            test.clock.advance(days: 15)
            for (user, step) in [("reset", SubscriptionStep.reset()), ("now", .cancel(.now)), ("end", .cancel(.periodEnd))] {
                _ = try await test.service.moveSubscription(of: UserID(stored: user), in: test.tenant, step)
            }
            test.clock.advance(days: 15)
            _ = try await test.run("rollover")
            let totals = Dictionary(grouping: try await test.invoices()) { $0.bill.user.rawValue }.mapValues { $0.map(\.total.text) }
            #expect(totals == ["reset": ["14.50"], "now": ["14.50"], "end": ["29.00"]])
        }
    }

    @Test func `An audit tells of an invoice that is missing`() async throws {
        try await withTestService { test in
            _ = try await test.subscribe("u", to: TestService.pro)
            test.clock.move(to: "2027-02-10T12:00:00Z")
            _ = try await test.run("rollover")
            #expect(try await test.audit().findings == [])
            try await test.database.run { connection in
                try #require(try connection.deleteOne("invoices", ["_id.number": "FACT-202702-0002"]) == 1)
            }
            let (shop, user) = (test.tenant.shop, UserID(stored: "u"))
            let bill = AuditDifference("period 2 invoice", expected: "29.00", actual: "0.00")
            let gap = AuditDifference("invoices of 202702", expected: "3", actual: "2")
            let findings = [AuditFinding(shop: shop, user: user, difference: bill), AuditFinding(shop: shop, owner: nil, difference: gap)]
            #expect(try await test.audit().findings == findings)
        }
    }

    @Test func `A subscription with a price stays in its currency`() async throws {
        try await withTestService { test in
            _ = try await test.subscribe("u", to: TestService.basic)
            var request = SubscriptionRequest(user: UserID(stored: "u"), action: .upgrade, planName: TestService.pro.name)
            request.currency = Currency(stored: "USD")
            await #expect { _ = try await test.service.changeSubscription(request, of: test.tenant) } throws: {
                "\($0)".contains("currency")
            }
        }
    }
}
