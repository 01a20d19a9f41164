import BSON
import Metering
import ServiceSupport
import Store
import Support
import Testing

@testable import Service

struct OverageTests {
    private let user = UserID(stored: "u")

    private var metered: Plan { TestService.plan("metered", tokens: 1_000, fee: "10", cap: nil) }

    private func withOverage(cap: Quantity? = nil, _ body: (TestService) async throws -> Void) async throws {
        try await withTestService { test in
            var plan = metered
            plan.rolloverCaps = cap.map { [.tokens: $0] } ?? [:]
            plan.overagePrices = [.tokens: try #require(Money("0.0015"))]
            _ = try await test.service.putPlan(plan, of: test.tenant)
            _ = try await test.subscribe("u", to: plan)
            try await body(test)
        }
    }

    /// Closes the period by the passing of its time; returns the invoices, oldest first.
    private func close(_ test: TestService) async throws -> [Invoice] {
        test.clock.advance(seconds: 86_400 * 31)
        _ = try await test.run("rollover")
        let invoices = try await test.service.page(of: InvoiceList(of: user, status: nil), in: test.tenant, after: nil, limit: 10)
        return invoices.reversed()
    }

    @Test func `What goes over the allowance is billed by its price and is no debt any more, period by period`() async throws {
        try await withOverage { test in
            _ = try await test.service.recordUsage(test.command("u", "a", 1_333))
            #expect(try await test.account(of: "u").balance(of: .tokens).rollover == -333)
            let first = try #require(try await close(test).last)
            // 333 × 0.0015 = 0.4995
            #expect(first.total.text == "10.50" && first.bill.overage.text == "0.50")
            let line = try #require(first.bill.lines.first { $0.kind == .overage })
            #expect(line.quantity == 333 && line.unitPrice?.text == "0.0015")
            #expect(try await test.account(of: "u").balance(of: .tokens).rollover == 0)
            #expect(try await close(test).last?.total.text == "10.00")
            _ = try await test.service.recordUsage(test.command("u", "b", 3_000))
            #expect(try await close(test).map(\.total.text) == ["10.50", "10.00", "13.00"])
            let summaries = try await test.account(of: "u").summaries
            #expect(summaries.map { $0.meters.first?.overage } == [333, 0, 2_000])
            #expect(try await test.audit().findings == [])
        }
    }

    @Test func `Purchases are used before anything is overage, and none of it pays debt`() async throws {
        try await withOverage(cap: 500) { test in
            _ = try await test.service.recordUsage(test.command("u", "a", 1_200))
            _ = try await test.service.purchaseUsage(
                PurchaseID(stored: "p"), PurchaseContent(user: user, meter: .tokens, amount: 50), for: test.tenant)
            #expect(try await close(test).last?.bill.lines.first { $0.kind == .overage }?.quantity == 200)
            #expect(try await test.account(of: "u").balance(of: .tokens).purchased == 50)
            #expect(try await test.audit().findings == [])
        }
    }

    @Test func `A reset, a cancellation, a suspension and a plan without a price bill what overflowed; without a price it stays debt`()
        async throws
    {
        try await withOverage { test in
            _ = try await test.service.recordUsage(test.command("u", "a", 1_100))
            _ = try await test.service.moveSubscription(of: user, in: test.tenant, .reset())
            #expect(try await test.account(of: "u").balance(of: .tokens).rollover == 0)
            _ = try await test.service.recordUsage(test.command("u", "b", 1_100))
            _ = try await test.service.moveSubscription(of: user, in: test.tenant, .cancel(.now))
            #expect(try await test.account(of: "u").balance(of: .tokens).rollover == 0)
            #expect(try await test.invoices().map { $0.bill.overage.text } == ["0.15", "0.15"])
            for (user, step) in [("w", SubscriptionStep.suspend(reason: "pause")), ("x", nil)] {
                _ = try await test.subscribe(user, to: metered)
                _ = try await test.service.recordUsage(test.command(user, "d", 1_100))
                if let step {
                    _ = try await test.service.moveSubscription(of: UserID(stored: user), in: test.tenant, step)
                } else {
                    _ = try await test.subscribe(user, to: TestService.pro, action: .upgrade)
                }
                #expect(try await test.account(of: user).balance(of: .tokens).rollover == 0)
                let billed = try await test.invoices().filter { $0.bill.user.rawValue == user }.map(\.bill.overage.text)
                #expect(billed.contains("0.15"))
            }
            _ = try await test.subscribe("v", to: TestService.pro)
            _ = try await test.service.recordUsage(test.command("v", "c", 40_001))
            _ = try await close(test)
            #expect(try await test.account(of: "v").balance(of: .tokens).rollover == -1)
            #expect(try await test.audit().findings == [])
        }
    }

    @Test func `The debt of the free plan is never overage`() async throws {
        try await withTestService { test in
            var plan = TestService.plan("metered", tokens: 1_000, fee: "10", cap: nil)
            plan.overagePrices = [.tokens: try #require(Money("0.0015"))]
            _ = try await test.service.putPlan(plan, of: test.tenant)
            _ = try await test.service.recordUsage(test.command("u", "a", (TestService.free.tokens.quantity ?? 0) + 500))
            _ = try await test.subscribe("u", to: plan)
            #expect(try await close(test).map(\.total.text) == ["10.00"])
            #expect(try await test.account(of: "u").balance(of: .tokens).rollover == 0, "the unused allowance has paid it")
        }
    }

    @Test func `The audit finds an overage that the debt does not explain`() async throws {
        try await withOverage { test in
            _ = try await test.service.recordUsage(test.command("u", "a", 1_010))
            _ = try await close(test)
            let tampering = Tampering(
                "period_closes", ["_id.user_id": "u"], ["$set": ["summary.meters.0.overage": .int64(11)]],
                ["period 1 tokens.overage", "monthly_summary of period 1"])
            try await tampering.apply(to: test.database) {
                let fields = try await test.audit().findings.map(\.difference.field)
                #expect(Set(fields) == Set(tampering.fields))
            }
        }
    }
}
