import Metering
import ServiceSupport
import Store
import Support
import Testing

@testable import Service

@Suite struct SubscriptionTests {
    @Test func `A user whose canceled subscription has ended unnoticed can subscribe again`() async throws {
        try await withTestService { test in
            _ = try await test.subscribe("u", to: TestService.basic)
            _ = try await test.service.moveSubscription(of: UserID(stored: "u"), in: test.tenant, .cancel(.periodEnd))
            test.clock.advance(days: 70)
            let again = try await test.subscribe("u", to: TestService.pro)
            #expect(again.isCreated && again.view.subscription.lastStep.previousPlan == nil)
            let all = try await test.service.exported(Subscription.self, of: test.tenant, after: nil, limit: 10)
            #expect(all.map(\.status) == [.canceled, .active])
            #expect(all[0].canceledAt == all[0].period.end)
        }
    }

    @Test func `Fifty creates at once leave one live subscription`() async throws {
        try await withTestService { test in
            let changes = try await withThrowingTaskGroup(of: SubscriptionChange.self) { group in
                for index in 0..<50 {
                    group.addTask { try await test.subscribe("u", to: index % 2 == 0 ? TestService.basic : TestService.pro) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(changes.count { $0.isCreated } == 1)
            #expect(Set(changes.map(\.view.subscription.id)).count == 1)
            let all = try await test.service.subscriptions(of: test.tenant, status: nil, plan: nil, after: nil, limit: 200)
            #expect(all.count == 1 && all[0].subscription.history.count == 50)
            #expect(all[0].account.tokens.limit == all[0].subscription.plan.tokens)
        }
    }

    @Test func `A change of a user without a live subscription creates one; a step of a canceled one is refused`() async throws {
        try await withTestService { test in
            #expect(try await test.subscribe("v", to: TestService.pro, action: .upgrade).isCreated)
            _ = try await test.subscribe("u", to: TestService.basic)
            _ = try await test.service.moveSubscription(of: UserID(stored: "u"), in: test.tenant, .cancel(.now))
            await #expect { _ = try await test.service.moveSubscription(of: UserID(stored: "u"), in: test.tenant, .resume) } throws: {
                "\($0)".hasPrefix("invalidTransition")
            }
            #expect(try await test.subscribe("u", to: TestService.pro).isCreated)
        }
    }

    @Test func `What the body and the catalog both leave out is named`() async throws {
        try await withTestService { test in
            let request = SubscriptionRequest(user: UserID(stored: "u"), action: .create, planName: PlanName(stored: "own"), tokens: .of(5))
            await #expect { _ = try await test.service.changeSubscription(request, of: test.tenant) } throws: {
                "\($0)".contains("monthly_fee")
            }
        }
    }

    @Test func `A key makes a change happen once, and its first answer comes again`() async throws {
        try await withTestService { test in
            let request = SubscriptionRequest(user: UserID(stored: "u"), action: .create, planName: TestService.basic.name)
            let once = IdempotentRequest<SubscriptionChange>(key: "k", content: [1]) { "first \($0.isCreated)" }
            _ = try await test.service.changeSubscription(request, of: test.tenant, once: once)
            let again = try await test.service.changeSubscription(request, of: test.tenant, once: once)
            #expect("\(again)".contains("first true"))
            let other = IdempotentRequest<SubscriptionChange>(key: "k", content: [2]) { _ in "" }
            await #expect { _ = try await test.service.changeSubscription(request, of: test.tenant, once: other) } throws: {
                "\($0)".hasPrefix("idempotencyConflict")
            }
            let view = try await test.service.subscription(of: UserID(stored: "u"), in: test.tenant)
            #expect(view.subscription.history.count == 1)
        }
    }

    @Test func `A subscription and its account are read back as they were stored`() async throws {
        try await withTestService { test in
            let trial = TestService.plan("trial", tokens: nil, fee: "0.0000001", cap: 5)
            var request = SubscriptionRequest(user: UserID(stored: "u"), action: .create, planName: trial.name, cycle: .days(10))
            _ = try await test.service.putPlan(trial, of: test.tenant)
            request.trialDays = 3
            let created = try await test.service.changeSubscription(request, of: test.tenant)
            #expect(created.view.subscription.status == .trialing)
            #expect(created.view.subscription.plan.monthlyFee == Money("0.0000001"))
            #expect(created.view.subscription.plan.tokens == .unlimited)
            (request.effective, request.trialDays) = (.periodEnd, nil)
            request.planName = TestService.pro.name
            request.action = .upgrade
            let pending = try await test.service.changeSubscription(request, of: test.tenant)
            #expect(pending.view.subscription.lastStep.effectiveAt == created.view.subscription.period.end)
            #expect(pending.view.subscription.pending?.plan.name == TestService.pro.name)
            test.clock.advance(days: 3)
            let later = try await test.service.subscription(of: UserID(stored: "u"), in: test.tenant)
            #expect((later.subscription.status, later.subscription.plan.name) == (.active, TestService.pro.name))
            #expect(later.account.period == later.subscription.period && later.tokens.limit == .of(40_000))
        }
    }

    @Test func `A list goes on behind its last item, and is narrowed by status and plan`() async throws {
        try await withTestService { test in
            for index in 0..<7 { _ = try await test.subscribe("u\(index)", to: index < 4 ? TestService.basic : TestService.pro) }
            _ = try await test.service.moveSubscription(of: UserID(stored: "u1"), in: test.tenant, .suspend(reason: "unpaid"))
            func list(_ status: SubscriptionStatus?, _ plan: PlanName?, after: SubscriptionID? = nil, limit: Int = 50) async throws
                -> [SubscriptionView]
            {
                try await test.service.subscriptions(of: test.tenant, status: status, plan: plan, after: after, limit: limit)
            }
            let first = try await list(nil, nil, limit: 5)
            let rest = try await list(nil, nil, after: first.last?.subscription.id, limit: 5)
            #expect((first + rest).map(\.subscription.user.rawValue) == (0..<7).map { "u\($0)" })
            #expect(try await list(.suspended, nil).map(\.subscription.user.rawValue) == ["u1"])
            #expect(try await list(.active, TestService.basic.name).count == 3)
        }
    }

    @Test func `A shop without a plan called free subscribes users to the operator's`() async throws {
        try await withTestService { test in
            let other = try await test.service.createShop(
                id: ShopID(stored: "shop2"), name: "Other", currency: Currency(stored: "USD"), clock: .live
            ).shop.tenant
            let request = SubscriptionRequest(user: UserID(stored: "u"), action: .create, planName: .free)
            let created = try await test.service.changeSubscription(request, of: other)
            #expect(created.view.subscription.plan == test.service.settings.freePlan(currency: Currency(stored: "USD")))
        }
    }

    @Test func `One shop does not see another's`() async throws {
        try await withTestService { test in
            _ = try await test.subscribe("u", to: TestService.basic)
            _ = try await test.service.recordUsage(test.command("u", "e", 5))
            let other = try await test.service.createShop(
                id: ShopID(stored: "shop2"), name: "Other", currency: Currency(stored: "USD"), clock: .live
            ).shop.tenant
            await #expect { _ = try await test.service.subscription(of: UserID(stored: "u"), in: other) } throws: {
                "\($0)".hasPrefix("notFound")
            }
            #expect(try await test.service.usage(of: UserID(stored: "u"), in: other).account.lifetime.queries == 0)
            #expect(try await test.service.plans(of: other).map(\.name) == [.free])
        }
    }
}
