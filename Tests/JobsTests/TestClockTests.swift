import Jobs
import Metering
import Service
import ServiceSupport
import Store
import Support
import Testing

@Suite struct TestClockTests {
    private func shop(_ name: String, _ test: TestService) async throws -> Tenant {
        let made = try await test.service.createShop(
            id: ShopID(stored: name), name: name, currency: Currency(stored: "EUR"), clock: .test)
        for plan in [TestService.free, TestService.basic, TestService.pro] {
            _ = try await test.service.putPlan(plan, of: made.shop.tenant)
        }
        return made.shop.tenant
    }

    /// Twenty users on mixed plans and cycles, each with some use, holds and changes that wait.
    private func fill(_ tenant: Tenant, _ service: ShopMeter) async throws {
        let cycles: [BillingCycle] = [.monthly, .yearly, .days(10), .days(45)]
        for number in 0..<20 {
            let user = UserID(stored: "u\(number)")
            let plan = number % 2 == 0 ? TestService.basic : TestService.pro
            if number % 5 != 4 {
                _ = try await service.changeSubscription(
                    SubscriptionRequest(
                        user: user, action: .create, planName: plan.name, cycle: cycles[number % 4], trialDays: number % 3 == 0 ? 14 : nil),
                    of: tenant)
            }
            let usage = UsageContent(amount: Quantity(700 * number + 13))
            _ = try await service.recordUsage(UsageCommand(tenant: tenant, user: user, event: EventID(stored: "e"), content: usage))
            if number % 6 == 1, number % 5 != 4 {
                _ = try await service.changeSubscription(
                    SubscriptionRequest(user: user, action: .change, planName: TestService.free.name, effective: .periodEnd), of: tenant)
            }
            if number % 6 == 2, number % 5 != 4 { _ = try await service.moveSubscription(of: user, in: tenant, .cancel(.periodEnd)) }
            let hold = ReservationRequest(
                id: ReservationID(stored: "r\(number)"), user: user, meter: .tokens, amount: 5, seconds: Int64(number + 1) * 86_400)
            _ = try? await service.holdReservation(hold, for: tenant)
        }
    }

    /// What is to be equal: everything but the version, which counts how often an account was stored, and the subscription's id.
    private func accounts(of tenant: Tenant, _ service: ShopMeter) async throws -> [Account] {
        try await service.exported(Account.self, of: tenant, after: nil, limit: 100).map { account in
            var account = account
            account.version = 0
            account.subscription = nil
            return account
        }
    }

    @Test func `Fourteen months in one call end like fourteen months day by day`() async throws {
        try await withTestService { test in
            let (once, daily) = (try await shop("once", test), try await shop("daily", test))
            for tenant in [once, daily] { try await fill(tenant, test.service) }
            let start = test.clock.now()
            let end = start.adding(days: 425)
            let whole = try await test.moveClock(of: once.shop, to: end)
            var periods = 0
            for day in 1...425 { periods += try await test.moveClock(of: daily.shop, to: start.adding(days: day)).periodsClosed }
            #expect(whole.periodsClosed == periods && periods > 200 && whole.now == end)
            let (left, right) = (try await accounts(of: once, test.service), try await accounts(of: daily, test.service))
            #expect(left.count == 20)
            for (one, other) in zip(left, right) { #expect(one == other) }
            #expect(left.allSatisfy { $0.period.contains(end) && $0.tokens.reserved == 0 })
            let again = try await test.moveClock(of: once.shop, to: end)
            #expect((again.periodsClosed, again.reservationsExpired) == (0, 0))
            for tenant in [once, daily] {
                let audit = try await test.service.audit(of: tenant.shop, found: { Issue.record("\($0)") }, progress: { _ in })
                #expect(audit.accounts == 20)
            }
        }
    }

    @Test func `A clock is moved by ten years at most, and not at all by more`() async throws {
        try await withTestService { test in
            let (tenant, start) = (try await shop("t", test), test.clock.now())
            let tooFar = start.adding(days: 3_660).adding(milliseconds: 1)
            await #expect { _ = try await test.moveClock(of: tenant.shop, to: tooFar) } throws: { "\($0)".contains("3660 days") }
            #expect(try await test.service.shop(tenant.shop).testTime == start)
        }
    }

    @Test func `A test shop lives by its clock, which goes forward only; a live one has none to move`() async throws {
        try await withTestService { test in
            let tenant = try await shop("t", test)
            let before = test.clock.now()
            _ = try await test.moveClock(of: tenant.shop, to: before.adding(days: 100))
            let content = UsageContent(amount: 5)
            let event = UsageCommand(tenant: tenant, user: UserID(stored: "u"), event: EventID(stored: "e"), content: content)
            #expect(try await test.service.recordUsage(event).event.recordedAt == before.adding(days: 100))
            var late = content
            late.occurredAt = before
            let past = UsageCommand(tenant: tenant, user: UserID(stored: "u"), event: EventID(stored: "f"), content: late)
            await #expect(throws: ServiceError.self, "more than 35 days back, by its clock") { try await test.service.recordUsage(past) }
            #expect(try await test.another().recordUsage(event).isDuplicate)
            await #expect(throws: ServiceError.self) { try await test.moveClock(of: tenant.shop, to: before) }
            await #expect(throws: ServiceError.self) { try await test.moveClock(of: test.tenant.shop, to: before) }
            await #expect(throws: ServiceError.self) { try await test.moveClock(of: ShopID(stored: "none"), to: before) }
            #expect(try await test.service.recordUsage(test.command("u", "live")).event.recordedAt == before)
        }
    }

    @Test func `A test shop's invoices are issued and fall due at their times on the way of its clock`() async throws {
        try await withTestService { test in
            let shop = try await test.service.createShop(
                id: ShopID(stored: "lab"), name: "Lab", currency: Currency(stored: "EUR"), clock: .test
            ).shop
            _ = try await test.service.putPlan(TestService.pro, of: shop.tenant)
            let request = SubscriptionRequest(user: UserID(stored: "u"), action: .create, planName: TestService.pro.name)
            _ = try await test.service.changeSubscription(request, of: shop.tenant)
            let move = try await test.moveClock(of: shop.id, to: Timestamp(rfc3339: "2027-02-23T00:00:00Z") ?? test.clock.now())
            #expect((move.periodsClosed, move.invoicesOverdue) == (3, 2))
            let invoices = try await test.invoices(of: shop.tenant)
            #expect(invoices.map(\.number.rawValue) == ["FACT-202612-0001", "FACT-202701-0001", "FACT-202702-0001"])
            #expect(invoices.map(\.status) == [.overdue, .overdue, .pending])
            #expect(invoices.map(\.issuedAt) == invoices.map(\.bill.lines[0].period.end))
        }
    }
}
