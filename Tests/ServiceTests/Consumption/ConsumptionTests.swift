import BSON
import Metering
import Mongo
import Service
import ServiceSupport
import Store
import Support
import Testing

@Suite struct ConsumptionTests {
    private func request(_ endpoint: String = "/a", _ calls: Quantity = 1, on day: String? = nil) throws -> ConsumptionRequest {
        let day = try day.map { try #require(CivilDay(iso: $0)) }
        return ConsumptionRequest(user: UserID(stored: "u"), endpoint: endpoint, apiCalls: calls, day: day)
    }

    private func once(_ key: String, _ content: UInt8 = 0) -> IdempotentRequest<CountedConsumption> {
        IdempotentRequest(key: key, content: [content]) { "\($0.total)" }
    }

    private func report(_ test: TestService, _ month: String = "2026-11", by service: ShopMeter? = nil) async throws -> ConsumptionReport {
        let month: CivilMonth = try #require(CivilMonth(iso: month))
        return try await (service ?? test.service).consumption(of: UserID(stored: "u"), in: test.tenant, month: month)
    }

    /// Counts that are there already, as a client could only have made them one by one.
    private func store(_ counts: [(endpoint: String, calls: Quantity)], _ test: TestService) throws {
        let documents = counts.map { endpoint, calls -> Document in
            [
                "_id": ["shop_id": "shop", "user_id": "u", "date": "2026-11-10", "endpoint": .string(endpoint)],
                "api_calls": .int64(calls),
            ]
        }
        let month: Document = [
            "_id": ["shop_id": "shop", "user_id": "u", "month": "2026-11"], "api_calls": .int64(counts.map(\.calls).reduce(0, +)),
        ]
        try test.database.withConnection {
            try $0.insert("consumption_log", documents)
            try $0.insert("consumption_months", [month])
        }
    }

    @Test func `Sixty-four requests at once, on two instances, count once for each of eight keys`() async throws {
        try await withTestService { test in
            let services = [test.service, test.another()]
            defer { services[1].drain() }
            let totals = try await withThrowingTaskGroup(of: Quantity?.self) { group in
                for index in 0..<64 {
                    group.addTask {
                        let once = once("k\(index % 8)")
                        let outcome = try await services[index / 8 % 2].countConsumption(request(), of: test.tenant, once: once)
                        return if case .done(let counted) = outcome { counted.total } else { nil }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(totals.compactMap(\.self).sorted() == Array(1...8))
            #expect(try await report(test).consumption.apiCalls.current == 8)
            #expect(try await test.audit().findings == [])
            try test.database.withConnection { _ = try $0.update("consumption_log", [:], ["$inc": ["api_calls": .int64(1)]]) }
            let found = try await test.audit().findings
            #expect(found.map(\.difference) == [AuditDifference("consumption 2026-11 api_calls", expected: "9", actual: "8")])
        }
    }

    @Test func `Thirty-two requests at once without a key count each`() async throws {
        try await withTestService { test in
            let totals = try await withThrowingTaskGroup(of: Quantity.self) { group in
                for index in 0..<32 {
                    group.addTask { try await test.service.countConsumption(request("/\(index % 4)", 3), of: test.tenant).total }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(totals.sorted() == (1...32).map { $0 * 3 })
        }
    }

    @Test func `A key's first answer comes again as it was, however late; with other content it is refused`() async throws {
        try await withTestService { test in
            let oldest = try request(on: "2026-10-06")
            #expect(try await test.service.countConsumption(oldest, of: test.tenant, once: once("k")).result.total == 1)
            _ = try await test.service.countConsumption(oldest, of: test.tenant)
            test.clock.advance(days: 1)
            let again = try await test.service.countConsumption(oldest, of: test.tenant, once: once("k"))
            #expect("\(again)" == "repeated(answer: \"1\")")
            await #expect { _ = try await test.service.countConsumption(oldest, of: test.tenant, once: once("k", 1)) } throws: {
                "\($0)".hasPrefix("idempotencyConflict")
            }
            #expect(try await report(test, "2026-10").consumption.apiCalls.current == 2)
        }
    }

    @Test(arguments: [("2026-10-05", false), ("2026-10-06", true), ("2026-11-10", true), ("2026-11-11", false)])
    func `A day is at most 35 days back and not ahead`(day: String, isTaken: Bool) async throws {
        try await withTestService { test in
            let counted = try? await test.service.countConsumption(request(on: day), of: test.tenant)
            #expect((counted != nil) == isTaken)
            let calls = try await report(test, String(day.prefix(7))).consumption.apiCalls.current
            #expect(calls == (isTaken ? 1 : 0))
        }
    }

    @Test func `Today is the shop's, by its own clock`() async throws {
        try await withTestService { test in
            let made = try await test.service.createShop(
                id: ShopID(stored: "t"), name: "t", currency: Currency(stored: "EUR"), clock: .test)
            _ = try await test.moveClock(of: made.shop.id, to: test.clock.now().adding(days: 100))
            #expect(try await test.service.countConsumption(request(), of: made.shop.tenant).entry.day.iso == "2027-02-18")
            #expect(try await test.service.countConsumption(request(), of: test.tenant).entry.day.iso == "2026-11-10")
        }
    }

    @Test func `A month's count does not pass the largest quantity`() async throws {
        try await withTestService { test in
            try store([("/a", Quantity.largest - 9), ("/b", 6)], test)
            for endpoint in ["/a", "/b", "/c"] {
                await #expect { _ = try await test.service.countConsumption(request(endpoint, 4), of: test.tenant) } throws: {
                    "\($0)".contains("api_calls")
                }
            }
            #expect(try await test.service.countConsumption(request("/a", 3), of: test.tenant).total == Quantity.largest)
            #expect(try await report(test).consumption.apiCalls.current == Quantity.largest)
        }
    }

    @Test func `A day has two hundred endpoints at most, and they go on being counted`() async throws {
        try await withTestService { test in
            try store((1..<ConsumptionEntry.maximumEndpoints).map { ("/\($0)", 1) }, test)
            #expect(try await test.service.countConsumption(request("/last"), of: test.tenant).total == 200)
            await #expect { _ = try await test.service.countConsumption(request("/more"), of: test.tenant) } throws: {
                "\($0)".contains("endpoint")
            }
            #expect(try await test.service.countConsumption(request("/last"), of: test.tenant).total == 201)
            #expect(try await test.service.countConsumption(request("/more", on: "2026-11-09"), of: test.tenant).total == 202)
        }
    }

    @Test func `Tokens are those of the month's days, in whatever periods they were counted`() async throws {
        try await withTestService { test in
            _ = try await test.subscribe("u", to: TestService.basic)
            _ = try await test.service.recordUsage(test.command("u", "a", 70))
            _ = try await test.service.recordUsage(test.command("other", "a", 9))
            _ = try await test.service.moveSubscription(of: UserID(stored: "u"), in: test.tenant, .reset())
            _ = try await test.service.recordUsage(test.command("u", "b", 8))
            test.clock.move(to: "2026-11-30T23:59:59.999Z")
            _ = try await test.service.recordUsage(test.command("u", "c", 600))
            test.clock.move(to: "2026-12-01T00:00:00Z")
            _ = try await test.service.recordUsage(test.command("u", "d", 5))
            _ = try await test.service.moveSubscription(of: UserID(stored: "u"), in: test.tenant, .reset())
            func tokens() async throws -> [Quantity] {
                var tokens: [Quantity] = []
                for month in ["2026-10", "2026-11", "2026-12", "2027-01", "9999-12"] {
                    tokens.append(try await report(test, month).consumption.tokens.current)
                }
                return tokens
            }
            #expect(try await tokens() == [0, 678, 5, 0, 0])
            test.clock.move(to: "2027-01-20T00:00:00Z")
            _ = try await test.service.recordUsage(test.command("u", "e", 4))
            #expect(try await tokens() == [0, 678, 5, 4, 0])
        }
    }

    @Test func `The plan is the present one: a change that was due counts, a suspended one falls back to free`() async throws {
        try await withTestService { test in
            #expect(try await report(test).plan == .free)
            _ = try await test.subscribe("u", to: TestService.basic)
            let change = SubscriptionRequest(
                user: UserID(stored: "u"), action: .upgrade, planName: TestService.pro.name, effective: .periodEnd)
            _ = try await test.service.changeSubscription(change, of: test.tenant)
            #expect(try await report(test).plan == TestService.basic.name)
            test.clock.move(to: "2026-12-10T12:00:00Z")
            #expect(try await report(test).plan == TestService.basic.name)
            let changed = try await report(test, "2026-12")
            #expect(changed.plan == TestService.pro.name && changed.consumption.tokens.limit == .of(40_000))
            _ = try await test.service.moveSubscription(of: UserID(stored: "u"), in: test.tenant, .suspend(reason: "unpaid"))
            #expect(try await report(test, "2026-12").plan == .free)
        }
    }

    private static let settings = Settings(
        adminToken: "",
        billingLimits: [
            PlanName(stored: "pro"): [.apiCalls: .of(5)], PlanName(stored: "premium"): [.tokens: .unlimited], .free: [.tokens: .of(7)],
        ])

    @Test(
        arguments: [("pro", 5, 40_000), ("premium", nil, 40_000), ("free", nil, 40_000), ("basic", nil, 40_000), ("Pro", nil, 40_000)]
            as [(String, Quantity?, Quantity?)])
    func `Limits are the plan's own, else those set for its name`(name: String, calls: Quantity?, tokens: Quantity?) {
        let limits = Self.settings.consumptionLimits(of: PlanName(stored: name), own: [.tokens: .of(40_000)])
        #expect((limits.apiCalls.quantity, limits.tokens.quantity) == (calls, tokens))
    }

    @Test func `Where nothing is set, there are defaults; without enforcement nothing has a limit`() {
        let defaults = ["free", "premium", "pro", "gold"].map {
            Settings(adminToken: "").consumptionLimits(of: PlanName(stored: $0), own: [:])
        }
        #expect(defaults.map(\.apiCalls) == [.of(300), .of(3_000), .of(30_000), .of(300)])
        #expect(defaults.map(\.tokens) == [.of(100_000), .of(1_000_000), .of(10_000_000), .of(100_000)])
        var lifted = Self.settings
        lifted.enforcement = .off
        #expect(lifted.consumptionLimits(of: PlanName(stored: "pro"), own: [.tokens: .of(1)]) == .none)
    }
}
