import Metering
import Service
import ServiceSupport
import Store
import Support
import Testing

@Suite struct AnalyticsTests {
    private func subscribe(
        _ user: String, to plan: Plan, _ test: TestService, cycle: BillingCycle = .monthly, trialDays: Int? = nil
    ) async throws {
        _ = try await test.service.changeSubscription(
            SubscriptionRequest(user: UserID(stored: user), action: .create, planName: plan.name, cycle: cycle, trialDays: trialDays),
            of: test.tenant)
    }

    @Test func `The shop now: subscriptions, revenue to the last digit, who is near a limit, who uses most`() async throws {
        try await withTestService { test in
            try await subscribe("m", to: TestService.basic, test)
            try await subscribe("y", to: TestService.pro, test, cycle: .yearly)
            try await subscribe("d", to: TestService.basic, test, cycle: .days(7))
            try await subscribe("trial", to: TestService.pro, test, trialDays: 9)
            try await subscribe("gone", to: TestService.pro, test)
            try await subscribe("out", to: TestService.pro, test)
            _ = try await test.service.moveSubscription(of: UserID(stored: "gone"), in: test.tenant, .cancel(.now))
            _ = try await test.service.moveSubscription(of: UserID(stored: "out"), in: test.tenant, .suspend(reason: "unpaid"))
            for (user, amount) in [("m", 8_000), ("y", 5), ("d", 10_001), ("free", 500)] as [(String, Quantity)] {
                _ = try await test.service.recordUsage(test.command(user, "e", amount))
            }
            let report = try await test.service.analytics(of: test.tenant).analytics
            #expect(report.byStatus == [.active: 3, .trialing: 1, .suspended: 1])
            #expect(report.byPlan == [PlanName(stored: "basic"): 2, PlanName(stored: "pro"): 3])
            // 9 + 29·12/12 + (9·7/30)·30/7
            #expect(report.revenue == [Currency(stored: "EUR"): try #require(Money("47.00"))])
            #expect(report.top.map(\.user.rawValue) == ["d", "m", "free", "y"])
            #expect(report.nearLimit.map(\.user.rawValue) == ["d", "m"] && report.over80 == 2 && report.over100 == 1)
            #expect((report.tokens, report.queries) == (18_506, 4))
            #expect(report.forecastToExceed == 3)
        }
    }

    @Test func `Each day is kept once, with what was used on it, also by those whose period ended with it`() async throws {
        try await withTestService { test in
            func keep() async throws -> Int? { try await test.run("analytics")?["days_kept"] }
            try await subscribe("u", to: TestService.basic, test)
            test.clock.move(to: "2026-12-10T11:00:00Z")
            _ = await test.service.recordUsage([test.command("u", "before", 70), test.command("free", "f", 5)])
            test.clock.move(to: "2026-12-10T13:00:00Z")
            _ = try await test.service.recordUsage(test.command("u", "after", 30))
            #expect(try await keep() == 1)
            test.clock.move(to: "2026-12-13T00:00:00Z")
            #expect(try await keep() == 3)
            #expect(try await keep() == 0)
            let days = try await test.service.analyticsDays(of: test.tenant, from: nil, to: nil, after: nil, limit: 10).days
            #expect(days.map(\.day.iso) == ["2026-12-09", "2026-12-10", "2026-12-11", "2026-12-12"])
            #expect(days.map(\.totals.tokens) == [0, 105, 0, 0] && days.map(\.activeUsers) == [0, 2, 0, 0])
            #expect(days.map(\.totals.queries) == [0, 3, 0, 0] && days[1].shop.byPlan == [PlanName(stored: "basic"): 1])
            let some = try await test.service.analyticsDays(
                of: test.tenant, from: days[1].day, to: days[2].day, after: nil, limit: 10
            ).days
            #expect(some.map(\.day) == [days[1].day, days[2].day])
            let rest = try await test.service.analyticsDays(of: test.tenant, from: days[0].day, to: nil, after: days[1].day, limit: 10).days
            #expect(rest.map(\.day) == [days[2].day, days[3].day])
        }
    }
}
