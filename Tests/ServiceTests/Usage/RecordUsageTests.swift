import BSON
import Metering
import Mongo
import ServiceSupport
import Store
import Support
import Synchronization
import Testing

@testable import Service

@Suite struct RecordUsageTests {
    @Test func `An event is recorded once for its id, and its first answer stands as it was`() async throws {
        try await withTestService { test in
            let first = try await test.service.recordUsage(test.command("u", "e1", 100))
            #expect(!first.isDuplicate)
            #expect((first.event.settlement.used, first.event.settlement.remaining) == (100, 900))
            _ = try await test.service.recordUsage(test.command("u", "e2", 300))
            let again = try await test.service.recordUsage(test.command("u", "e1", 100))
            #expect(again.isDuplicate)
            #expect(again.event == first.event)
            #expect(try await test.account(of: "u").tokens.used == 400)
        }
    }

    @Test func `Sixty-four clients with one id: one is recorded, the others get the same answer`() async throws {
        try await withTestService { test in
            let answers = try await withThrowingTaskGroup(of: UsageAnswer.self) { group in
                for _ in 0..<64 { group.addTask { try await test.service.recordUsage(test.command("u", "same", 7)) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { !$0.isDuplicate } == 1)
            #expect(Set(answers.map(\.event.recordedAt)).count == 1 && answers.allSatisfy { $0.event == answers[0].event })
            #expect(try await test.account(of: "u").tokens.used == 7)
            #expect(try await test.events(of: "u").count == 1)
        }
    }

    @Test func `The same id with other content is a conflict, in a group and across groups`() async throws {
        try await withTestService { test in
            let outcomes = await test.service.recordUsage([test.command("u", "e", 1), test.command("u", "e", 2), test.command("v", "e", 2)])
            #expect(outcomes.map(\.kind) == ["recorded", "idempotencyConflict", "recorded"])
            #expect(await test.service.recordUsage([test.command("u", "e", 3)]).map(\.kind) == ["idempotencyConflict"])
        }
    }

    @Test func `Ids and users of equal letters and other bytes are others, in a group and across groups`() async throws {
        try await withTestService { test in
            let (one, two) = ("\u{E9}", "e\u{301}")
            let events = [test.command("u", one, 1), test.command("u", two, 2), test.command(one, "e", 3), test.command(two, "e", 4)]
            let recorded = await test.service.recordUsage(events)
            #expect(recorded.map(\.kind) == Array(repeating: "recorded", count: 4))
            let repeated = await test.service.recordUsage([test.command("u", one, 1), test.command("u", two, 1)])
            #expect(repeated.map(\.kind) == ["duplicate", "idempotencyConflict"])
            var used: [Quantity] = []
            for user in ["u", one, two] { used.append(try await test.account(of: user).tokens.used) }
            #expect(used == [3, 3, 4])
        }
    }

    @Test func `An event whose words have other bytes is another event`() async throws {
        try await withTestService { test in
            let contents = ["\u{E9}", "e\u{301}"].map { UsageContent(amount: 1, description: $0, dimensions: ["d": $0]) }
            let commands = contents.map { content in
                UsageCommand(tenant: test.tenant, user: UserID(stored: "u"), event: EventID(stored: "e"), content: content)
            }
            #expect(await test.service.recordUsage(commands).map(\.kind) == ["recorded", "idempotencyConflict"])
            #expect(await test.service.recordUsage(commands.reversed()).map(\.kind) == ["idempotencyConflict", "duplicate"])
        }
    }

    @Test func `What is enforced never passes what was there, whoever asks at once`() async throws {
        try await withTestService { test in
            let outcomes = await withTaskGroup(of: [UsageOutcome].self) { group in
                for client in 0..<16 {
                    group.addTask {
                        var outcomes: [UsageOutcome] = []
                        for index in 0..<25 {
                            outcomes += await test.service.recordUsage([test.command("u", "\(client)-\(index)", 7, enforce: true)])
                        }
                        return outcomes
                    }
                }
                return await group.reduce(into: []) { $0 += $1 }
            }
            #expect(outcomes.count { $0.kind == "recorded" } == 142)
            #expect(outcomes.count { $0.kind == "limitExceeded" } == 400 - 142)
            let tokens = try await test.account(of: "u").tokens
            #expect((tokens.used, tokens.rollover) == (994, 0))
            #expect(try await test.events(of: "u").count == 142)
        }
    }

    @Test func `What is refused for want of an allowance is recorded as soon as there is one`() async throws {
        try await withTestService { test in
            _ = try await test.subscribe("u", to: TestService.basic)
            _ = try await test.service.recordUsage(test.command("u", "e1", 9_000, enforce: true))
            #expect(await test.service.recordUsage([test.command("u", "e2", 2_000, enforce: true)]).map(\.kind) == ["limitExceeded"])
            _ = try await test.service.recordUsage(test.command("u", "e3", 1_000, enforce: true))
            _ = try await test.subscribe("u", to: TestService.pro, action: .upgrade)
            #expect(await test.service.recordUsage([test.command("u", "e2", 2_000, enforce: true)]).map(\.kind) == ["recorded"])
            #expect(try await test.account(of: "u").tokens.used == 12_000)
        }
    }

    @Test func `A refused retry of an event that was recorded gets its first answer`() async throws {
        try await withTestService { test in
            let first = try await test.service.recordUsage(test.command("u", "all", 1_000, enforce: true))
            let again = try await test.service.recordUsage(test.command("u", "all", 1_000, enforce: true))
            #expect(again.isDuplicate && again.event == first.event)
        }
    }

    @Test func `One bad event fails none of its neighbours, and sending all of them again changes nothing`() async throws {
        try await withTestService { test in
            _ = try await test.service.recordUsage(test.command("u", "old", 5))
            let late = test.clock.now().adding(days: -36)
            let commands = [
                test.command("u", "a", 10), test.command("u", "old", 5), test.command("u", "old", 6),
                test.command("u", "b", 5_000, enforce: true),
                test.command("u", "c", 10, at: late), test.command("w", "a", 20), test.command("u", "a", 10), test.command("u", "d", 30),
            ]
            let first = await test.service.recordUsage(commands)
            #expect(
                first.map(\.kind) == [
                    "recorded", "duplicate", "idempotencyConflict", "limitExceeded", "invalid", "recorded", "duplicate", "recorded",
                ])
            let account = try await test.account(of: "u")
            #expect(account.lifetime == Totals(tokens: 45, queries: 3, peak: 30))
            let again = await test.service.recordUsage(commands)
            #expect(
                again.map(\.kind) == [
                    "duplicate", "duplicate", "idempotencyConflict", "limitExceeded", "invalid", "duplicate", "duplicate", "duplicate",
                ])
            #expect(try await test.account(of: "u") == account)
        }
    }

    @Test func `Two instances on one database count every id once`() async throws {
        try await withTestService { test in
            let other = test.another()
            defer { other.drain() }
            let outcomes = await withTaskGroup(of: [UsageOutcome].self) { group in
                for client in 0..<16 {
                    let service = client % 2 == 0 ? test.service : other
                    group.addTask {
                        var outcomes: [UsageOutcome] = []
                        for index in 0..<20 {
                            // A fifth of the ids is sent by a neighbour too.
                            let id = index % 5 == 0 ? "shared-\(client / 2)-\(index)" : "\(client)-\(index)"
                            outcomes += await service.recordUsage([test.command("u\(index % 5)", id, 3)])
                        }
                        return outcomes
                    }
                }
                return await group.reduce(into: []) { $0 += $1 }
            }
            #expect(outcomes.count { $0.kind == "recorded" } == 16 * 16 + 8 * 4)
            #expect(outcomes.count { $0.kind == "duplicate" } == 8 * 4)
            var tokens: Quantity = 0
            for user in 0..<5 { tokens += try await test.account(of: "u\(user)").lifetime.tokens }
            #expect(tokens == 3 * (16 * 16 + 8 * 4))
        }
    }

    @Test func `An event after the period's end closes the period first, without waiting for the job`() async throws {
        try await withTestService { test in
            _ = try await test.subscribe("u", to: TestService.basic)
            _ = try await test.service.recordUsage(test.command("u", "before", 9_000))
            test.clock.move(to: "2027-01-12T00:00:00Z")
            let after = try await test.service.recordUsage(test.command("u", "after", 100))
            #expect((after.event.settlement.used, after.event.settlement.remaining) == (100, 11_900))
            let account = try await test.account(of: "u")
            #expect(account.summaries.map(\.totals.tokens) == [9_000, 0])
            #expect(account.daily.map(\.day.iso) == ["2027-01-12"])
        }
    }

    @Test func `A period's breakdown has what was imported from long before it`() async throws {
        try await withTestService { test in
            _ = try await test.service.recordUsage(test.command("u", "now", 5))
            let old = UsageCommand(
                tenant: test.tenant, user: UserID(stored: "u"), event: EventID(stored: "old"),
                content: UsageContent(amount: 70, occurredAt: test.clock.now().adding(days: -200)), opensFrom: test.clock.now())
            _ = try await test.service.recordUsage(old)
            let grouping = try #require(UsageGrouping([]))
            let breakdown = try await test.service.breakdown(
                of: .tokens, for: UserID(stored: "u"), in: test.tenant, by: grouping, over: TimeRange(), skipping: 0, limit: 10)
            #expect(breakdown.total.amount == 75)
            #expect(try await test.account(of: "u").tokens.used == 75)
        }
    }

    @Test func `A full queue refuses at once, and a drained queue refuses what comes after`() async throws {
        try await withTestService { test in
            let small = ShopMeter(
                store: test.store, clock: test.clock, settings: Settings(adminToken: "x"), commits: .init(queue: 2))
            #expect(
                await small.recordUsage((0..<3).map { test.command("u", "q\($0)") }).map(\.kind) == [
                    "overloaded", "overloaded", "overloaded",
                ])
            #expect(await small.recordUsage((0..<2).map { test.command("u", "q\($0)") }).map(\.kind) == ["recorded", "recorded"])
            small.drain()
            #expect(await small.recordUsage([test.command("u", "late")]).map(\.kind) == ["overloaded"])
        }
    }

    @Test func `An event that cannot be stored fails alone, by a fault of ours`() async throws {
        try await withTestService { test in
            let rule: Document = ["collMod": "usage_events", "validator": ["description": ["$ne": "poison"]]]
            try await test.database.run { _ = try $0.command(rule) }
            var commands = (0..<9).map { test.command("u\($0 % 3)", "e\($0)") }
            let poison = UsageContent(amount: 1, description: "poison")
            commands.insert(
                UsageCommand(tenant: test.tenant, user: UserID(stored: "u1"), event: EventID(stored: "p"), content: poison), at: 4)
            let outcomes = await test.service.recordUsage(commands)
            #expect(outcomes.count { $0.kind == "recorded" } == 9)
            #expect(outcomes[4].kind.hasPrefix("fault"))
            #expect(try await test.account(of: "u1").lifetime.queries == 3)
        }
    }

    @Test func `A failing commit is retried, and nothing is counted twice`() async throws {
        try await withTestService { test in
            let outcomes = try await FailPoint.lent(for: test.database) { point in
                try point.fail(
                    ["commitTransaction"], times: 2,
                    ["errorCode": 11602, "errorLabels": ["UnknownTransactionCommitResult"]])
                return await test.service.recordUsage((0..<5).map { test.command("u", "f\($0)", 2) })
            }
            #expect(outcomes.allSatisfy { $0.kind == "recorded" || $0.kind == "duplicate" })
            #expect(try await test.account(of: "u").lifetime == Totals(tokens: 10, queries: 5, peak: 2))
        }
    }

    @Test func `The operator is told once of a rollover that goes into debt`() async throws {
        try await withTestService { test in
            let told = Mutex<[String]>([])
            let service = ShopMeter(store: test.store, clock: test.clock, settings: Settings(adminToken: "admin")) { shop, event in
                told.withLock { $0.append("\(shop) \(event.id)") }
            }
            defer { service.drain() }
            for (event, amount) in [("e1", 1_000), ("e2", 5), ("e3", 5)] as [(String, Quantity)] {
                _ = try await service.recordUsage(test.command("u", event, amount))
                _ = try await service.recordUsage(test.command("u", event, amount))
            }
            _ = await service.recordUsage([test.command("v", "b1", 1_001), test.command("v", "b2")])
            #expect(told.withLock { $0 } == ["shop e2", "shop b1"])
        }
    }
}

extension UsageOutcome {
    /// For a short comparison.
    var kind: String {
        switch self {
        case .success(let answer): answer.isDuplicate ? "duplicate" : "recorded"
        case .failure(.usage(.limitExceeded)): "limitExceeded"
        case .failure(.idempotencyConflict): "idempotencyConflict"
        case .failure(.invalid): "invalid"
        case .failure(.overloaded): "overloaded"
        case .failure(let other): "\(other)"
        }
    }
}
