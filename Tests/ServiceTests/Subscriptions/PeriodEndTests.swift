import Metering
import Mongo
import ServiceSupport
import Store
import Support
import Testing

@testable import Service

/// A period's end, met by several tasks and by instances whose clocks differ.
@Suite struct PeriodEndTests {
    private static let end = Timestamp(rfc3339: "2026-12-01T00:00:00Z")

    @Test func `Of two instances whose clocks differ by five minutes one closes a period, and both go on in the next one`() async throws {
        try await withTestService { test in
            let (fast, slowClock) = (test.service, ManualClock("2026-11-30T23:50:00Z"))
            test.clock.move(to: "2026-11-30T23:55:00Z")
            let slow = test.another(clock: slowClock)
            defer { slow.drain() }
            for user in ["a", "b"] {
                _ = try await slow.recordUsage(test.command(user, "slow", 5))
                _ = try await fast.recordUsage(test.command(user, "fast", 5))
            }
            for clock in [test.clock, slowClock] { clock.advance(seconds: 480) }
            #expect(try await test.rollOver(slow) == 0)
            #expect(try await test.rollOver(fast) == 2)
            #expect(try await test.rollOver(slow) == 0)
            // The slow one's clock is still before the end: the event counts in the new period, on its first day. Its time in the log is not before that of
            // the period's end.
            let late = try await slow.recordUsage(test.command("a", "late", 7)).event
            let end = try #require(Self.end)
            #expect(late.at < end && late.recordedAt >= end && late.periodNumber == 2)
            #expect(try await fast.recordUsage(test.command("a", "later", 1)).event.periodNumber == 2)
            for clock in [test.clock, slowClock] { clock.advance(seconds: 600) }
            #expect(try await test.rollOver(slow) + test.rollOver(fast) == 0)
            for user in ["a", "b"] {
                let account = try await test.account(of: user)
                #expect(account.summaries.map(\.totals.tokens) == [10] && account.summaries.map(\.period.end) == [Self.end])
                #expect(account.daily.map(\.day.iso) == (user == "a" ? ["2026-12-01"] : []))
                #expect(account.tokens.used == (user == "a" ? 8 : 0))
            }
            #expect(try await test.audit().findings == [])
        }
    }

    /// What begins a period at once.
    enum Change: CaseIterable {
        case reset, renewal, anotherCycle, anotherSubscription

        func make(through service: ShopMeter, of tenant: Tenant) async throws {
            switch self {
            case .reset: _ = try await service.moveSubscription(of: UserID(stored: "u"), in: tenant, .reset())
            case .renewal: _ = try await service.changeSubscription(request(.renew), of: tenant)
            case .anotherCycle: _ = try await service.changeSubscription(request(.change, cycle: .days(7)), of: tenant)
            case .anotherSubscription:
                _ = try await service.moveSubscription(of: UserID(stored: "u"), in: tenant, .cancel(.now))
                _ = try await service.changeSubscription(request(.create), of: tenant)
            }
        }

        private func request(_ action: ChangeAction, cycle: BillingCycle? = nil) -> SubscriptionRequest {
            SubscriptionRequest(user: UserID(stored: "u"), action: action, planName: TestService.basic.name, cycle: cycle)
        }
    }

    @Test(arguments: Change.allCases)
    func `A new period that a slow instance begins follows on the one that a fast instance closed`(change: Change) async throws {
        try await withTestService { test in
            test.clock.move(to: "2026-11-01T00:00:00Z")
            _ = try await test.subscribe("u", to: TestService.basic)
            let slowClock = ManualClock("2026-11-30T23:58:00Z")
            let slow = test.another(clock: slowClock)
            defer { slow.drain() }
            test.clock.move(to: "2026-12-01T00:03:00Z")
            #expect(try await test.rollOver(test.service) == 1)
            try await change.make(through: slow, of: test.tenant)
            try await test.expectUnbroken("u")
            for clock in [test.clock, slowClock] { clock.advance(days: 40) }
            _ = try await slow.recordUsage(test.command("u", "e", 5))
            _ = try await test.rollOver(test.service)
            try await test.expectUnbroken("u")
            #expect(try await test.audit().findings == [])
        }
    }

    @Test func `Events at both sides of many periods' ends, while two instances roll over, count in one period each`() async throws {
        try await withTestService { test in
            let other = test.another()
            defer { other.drain() }
            for user in 0..<Self.users {
                _ = try await test.service.changeSubscription(
                    SubscriptionRequest(
                        user: UserID(stored: "u\(user)"), action: .create, planName: TestService.basic.name, cycle: .days(1)),
                    of: test.tenant)
                test.clock.advance(seconds: 3_600)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for service in [test.service, other] {
                    group.addTask {
                        // A rollover that is cancelled ends between two groups.
                        do { while !Task.isCancelled { _ = try await test.rollOver(service) } } catch is CancellationError {}
                    }
                }
                try await Self.write(through: [test.service, other], test)
                group.cancelAll()
                try await group.waitForAll()
            }
            for user in 0..<Self.users { try await Self.check("u\(user)", test) }
            #expect(try await test.audit().findings == [])
        }
    }

    /// Sends again what found no time, as clients do after 503: on a busy machine the closing of all their periods takes longer than a client waits.
    private static func recordComingAgain(_ commands: [UsageCommand], _ test: TestService) async -> [UsageOutcome] {
        var outcomes = await test.service.recordUsage(commands)
        for _ in 0..<30 {
            let late = outcomes.indices.filter { index in
                switch outcomes[index] {
                case .failure(.databaseUnavailable), .failure(.contended), .failure(.overloaded): true
                default: false
                }
            }
            guard !late.isEmpty else { break }
            for (index, outcome) in zip(late, await test.service.recordUsage(late.map { commands[$0] })) { outcomes[index] = outcome }
        }
        return outcomes
    }

    @Test func `After a long stop a transaction closes two thousand periods or a little more, whoever asks`() async throws {
        try await withTestService { test in
            let users = (0..<48).map { UserID(stored: "u\($0)") }
            for user in users {
                let request = SubscriptionRequest(user: user, action: .create, planName: TestService.basic.name, cycle: .days(1))
                _ = try await test.service.changeSubscription(request, of: test.tenant)
            }
            test.clock.advance(days: 200)
            let (periods, now) = (test.service.periods, test.clock.now())
            let first = try await test.store.transaction { try periods.close(users, of: test.tenant, at: now, in: $0) }
            #expect(first.periods == 2_000 && first.left.count == 38)
            let commands = users.map { test.command($0.rawValue, "e", 5) }
            for outcome in await Self.recordComingAgain(commands, test) { #expect(try outcome.get().event.periodNumber == 201) }
            test.clock.advance(days: 200)
            #expect(try await test.rollOver(test.service) == 48 * 200)
            for user in users { #expect(try await test.account(of: user.rawValue).periodNumber == 401) }
            #expect(try await test.audit().findings == [])
        }
    }

    @Test func `A read shows a period that is over as closed, as the job stores it later, and stores nothing`() async throws {
        try await withTestService { test in
            test.clock.move(to: "2026-11-05T00:00:00Z")
            _ = try await test.subscribe("u", to: TestService.basic)
            let change = SubscriptionRequest(
                user: UserID(stored: "u"), action: .upgrade, planName: TestService.pro.name, effective: .periodEnd)
            _ = try await test.service.changeSubscription(change, of: test.tenant)
            _ = try await test.service.recordUsage(test.command("u", "e", 4_000))
            _ = try await test.service.holdReservation(
                ReservationRequest(id: ReservationID(stored: "r"), user: UserID(stored: "u"), meter: .tokens, amount: 500, seconds: 60),
                for: test.tenant)
            test.clock.advance(days: 70)
            let stored = try await test.stored("u")
            let before = try await test.shown("u")
            #expect(try await test.stored("u") == stored && stored.period != before.account.period)
            #expect(try await test.invoices().isEmpty)
            _ = try await test.run("rollover")
            _ = try await test.run("expiry")
            #expect(try await test.shown("u") == before)
            #expect(before.account.periodNumber == 3 && before.plan == TestService.pro.name && before.openHolds == 0)
            #expect(before.account.tokens.reserved == 0 && before.account.summaries.count == 2)
            let invoices = try await test.invoices().count
            #expect(invoices > 0)
        }
    }

    private static let users = 12
    private static let writers = 8
    private static let events = 60

    /// Each writer's events go around the users; each of its steps moves the clock of all by an hour.
    private static func write(through services: [ShopMeter], _ test: TestService) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    for event in 0..<events {
                        let command = test.command("u\((writer + event) % users)", "\(writer)-\(event)", 3)
                        let answer = try await services[writer % services.count].recordUsage(command)
                        try #require(!answer.isDuplicate)
                        test.clock.advance(seconds: 3_600)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// What each period has is what its events sum up to, and none was recorded in a period that was over.
    private static func check(_ user: String, _ test: TestService) async throws {
        let account = try await test.account(of: user)
        let events = Dictionary(grouping: try await test.events(of: user), by: \.periodNumber)
        #expect(events.values.map(\.count).reduce(0, +) == writers * Self.events / users)
        let open = account.daily.map(\.totals.queries).reduce(0, +)
        let counts = account.summaries.map(\.totals.queries) + [open]
        #expect(counts == (1...account.periodNumber).map { Int64(events[$0]?.count ?? 0) }, "\(user)")
        let ends = account.summaries.map(\.period.end)
        for (number, end) in zip(1..., ends) { #expect(events[Int64(number)]?.allSatisfy { $0.recordedAt < end } ?? true) }
        try await test.expectUnbroken(user)
    }
}

extension TestService {
    /// Runs the job's work under its lease; how many periods it closed.
    fileprivate func rollOver(_ service: ShopMeter) async throws -> Int {
        try await run("rollover", through: service)?["periods_closed"] ?? 0
    }

    /// No period ends before it begins, and each begins where the last one ended.
    fileprivate func expectUnbroken(_ user: String) async throws {
        let account = try await account(of: user)
        let periods = account.summaries.map(\.period) + [account.period]
        #expect(periods.allSatisfy { $0.start <= $0.end })
        #expect(periods.dropFirst().map(\.start) == periods.dropLast().map(\.end))
    }

    /// The account as it is stored.
    fileprivate func stored(_ user: String) async throws -> Account {
        let found = try await store.read { [tenant] in try Accounts.find(UserID(stored: user), of: tenant, $0) }
        return try #require(found)
    }

    /// What the reads of a user show, but for the version of the account, which clients do not see.
    fileprivate func shown(_ name: String) async throws -> Shown {
        let user = UserID(stored: name)
        let view = try await service.subscription(of: user, in: tenant)
        let overview = try await service.overview(of: user, in: tenant)
        let month = CivilMonth(of: clock.now().day)
        let breakdown = try await service.breakdown(
            of: .tokens, for: user, in: tenant, by: #require(UsageGrouping([])), over: TimeRange(), skipping: 0, limit: 10)
        let account = overview.summary.account
        return Shown(
            account: Shown.Account(
                period: account.period, periodNumber: account.periodNumber, tokens: account.tokens, summaries: account.summaries,
                daily: account.daily),
            subscription: view.subscription, plan: overview.summary.plan.name, openHolds: overview.openHolds.count,
            consumption: try await service.consumption(of: user, in: tenant, month: month).consumption, range: breakdown.range)
    }
}

/// What clients see of a user.
private struct Shown: Equatable {
    struct Account: Equatable {
        let period: Period
        let periodNumber: Int64
        let tokens: MeterBalance
        let summaries: [PeriodSummary]
        let daily: [DailyUsage]
    }

    let account: Account
    let subscription: Subscription
    let plan: PlanName
    let openHolds: Int
    let consumption: Consumption
    let range: TimeRange
}
