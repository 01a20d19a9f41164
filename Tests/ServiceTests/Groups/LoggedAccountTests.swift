import BSON
import Metering
import Mongo
import ServiceSupport
import Store
import Support
import Testing

@testable import Service

/// Most events are stored alone, without the document of their account.
@Suite struct LoggedAccountTests {
    private static func used(_ test: TestService, by service: ShopMeter) async throws -> Quantity {
        try await service.usage(of: UserID(stored: "u"), in: test.tenant).account.tokens.used
    }

    @Test func `The document follows each sixteenth event, and every reader sees all of them`() async throws {
        try await withTestService { test in
            let other = test.another()
            defer { other.drain() }
            for number in 1...40 {
                _ = try await test.service.recordUsage(test.command("u", "e\(number)", 7))
                #expect(try await Self.used(test, by: other) == Quantity(number) * 7)
            }
            let document = try await test.database.run { try $0.findOne("token_usage", [:]) }
            // The first opens the account.
            #expect(try document?.int64("sequence") == 33)
            let exported: [Account] = try await test.service.exported(of: test.tenant, after: nil, limit: 10)
            #expect(exported.map(\.lifetime.queries) == [40] && exported.map(\.tokens.used) == [280])
            #expect(try await test.audit().findings == [])
        }
    }

    @Test func `Two instances that both remember an account settle on what the other recorded, and a limit stays exact`() async throws {
        try await withTestService { test in
            let other = test.another()
            defer { other.drain() }
            for number in 0..<30 {
                _ = try await (number % 2 == 0 ? test.service : other).recordUsage(test.command("u", "first \(number)", 10))
            }
            let allowed = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<200 {
                    let service = number % 2 == 0 ? test.service : other
                    group.addTask {
                        do {
                            _ = try await service.recordUsage(test.command("u", "then \(number)", 7, enforce: true))
                            return 1
                        } catch ServiceError.usage(.limitExceeded) {
                            return 0
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(allowed == 100)
            #expect(try await Self.used(test, by: other) == 1_000)
            let numbers = try await test.events(of: "u").compactMap(\.sequence).sorted()
            #expect(numbers == Array(1...130))
            #expect(try await test.audit().findings == [])
        }
    }

    @Test func `One who wakes late stores nothing on what it remembers, though the period is closed and a purchase was made meanwhile`()
        async throws
    {
        try await withTestService { test in
            let late = test.another()
            defer { late.drain() }
            _ = try await test.subscribe("u", to: TestService.basic)
            for number in 0..<3 { _ = try await late.recordUsage(test.command("u", "early \(number)", 100)) }
            _ = try await test.service.moveSubscription(of: UserID(stored: "u"), in: test.tenant, .reset())
            let pack = PurchaseContent(user: UserID(stored: "u"), meter: .tokens, amount: 50)
            _ = try await test.service.purchaseUsage(PurchaseID(stored: "pack"), pack, for: test.tenant)
            for number in 0..<3 { _ = try await late.recordUsage(test.command("u", "late \(number)", 1)) }
            let account = try await test.account(of: "u")
            #expect((account.tokens.used, account.tokens.purchased, account.periodNumber) == (3, 50, 2))
            #expect(try await test.audit().findings == [])
        }
    }

    @Test func `Without the fence two instances would count over each other, and the account could not be read`() async throws {
        try await withTestService { test in
            try await test.database.run { connection in
                _ = try connection.command(["dropIndexes": "usage_events", "index": "by_sequence"])
                try connection.createIndexes(
                    "usage_events", [["name": "by_sequence", "key": ["_id.shop_id": 1, "_id.user_id": 1, "sequence": 1]]])
            }
            let other = test.another()
            defer { other.drain() }
            for number in 0..<6 {
                _ = try await (number % 2 == 0 ? test.service : other).recordUsage(test.command("u", "e\(number)"))
            }
            await #expect(throws: (any Error).self) { try await test.account(of: "u") }
        }
    }

    @Test func `An event alone costs one document, and every sixteenth its account's`() async throws {
        try await withTestService { test in
            _ = try await test.service.recordUsage(test.command("u", "first"))
            let operations = try await profiling(test.database) {
                for number in 0..<32 { _ = try await test.service.recordUsage(test.command("u", "e\(number)")) }
            }
            #expect(
                operations == [
                    "query shops": 32, "insert usage_events": 32, "query token_usage": 2, "update token_usage": 2,
                ])
        }
    }

    @Test func `A period that ends takes all that was recorded in it, and so does what is bought, held and made void beside it`()
        async throws
    {
        try await withTestService { test in
            let (user, other) = (UserID(stored: "u"), test.another())
            defer { other.drain() }
            _ = try await test.subscribe("u", to: TestService.basic)
            for number in 0..<20 { _ = try await test.service.recordUsage(test.command("u", "e\(number)", 10)) }
            let pack = PurchaseContent(user: user, meter: .tokens, amount: 50)
            _ = try await other.purchaseUsage(PurchaseID(stored: "pack"), pack, for: test.tenant)
            for number in 20..<25 { _ = try await test.service.recordUsage(test.command("u", "e\(number)", 10)) }
            let content = VoidContent(user: user, event: EventID(stored: "e24"), amount: 4, reason: "by mistake")
            _ = try await other.voidEvent(VoidID(of: content), content, in: test.tenant)
            for number in 25..<30 { _ = try await test.service.recordUsage(test.command("u", "e\(number)", 10)) }
            let before = try await test.account(of: "u")
            #expect((before.tokens.used, before.tokens.purchased, before.lifetime.queries) == (296, 50, 30))
            test.clock.advance(days: 40)
            #expect(try await test.run("rollover", through: other)?["users"] == 1)
            let after = try await test.account(of: "u")
            #expect((after.tokens.used, after.periodNumber, after.summaries.last?.totals.tokens) == (0, 2, 296))
            _ = try await test.service.recordUsage(test.command("u", "next", 5))
            #expect(try await test.account(of: "u").tokens.used == 5)
            #expect(try await test.audit().findings == [])
        }
    }

    /// A batch of one event for each of the users.
    private static func batch(_ test: TestService, _ users: Range<Int>, _ event: String, enforce: Bool = false) -> [UsageCommand] {
        users.map { test.command("u\($0)", event, 10, enforce: enforce) }
    }

    private func patient(_ test: TestService) -> ShopMeter {
        ShopMeter(
            store: test.store, clock: test.clock, settings: Settings(adminToken: "admin"),
            commits: .init(partitions: 1, checkpoints: .init(after: .seconds(3_600))))
    }

    @Test func `One that comes again, or is refused, costs the others of its group no second read and no second transaction`() async throws
    {
        try await withTestService { test in
            // Neither stores quiet accounts meanwhile.
            let (one, another) = (patient(test), patient(test))
            defer {
                one.drain()
                another.drain()
            }
            _ = await one.recordUsage(Self.batch(test, 0..<40, "first"))
            _ = await one.recordUsage([test.command("u39", "all", 980)])
            let plain = try await profiling(test.database) { _ = await one.recordUsage(Self.batch(test, 0..<40, "second")) }
            // Its own event, again.
            let again = try await profiling(test.database) {
                let outcomes = await one.recordUsage(Self.batch(test, 0..<39, "third") + [test.command("u39", "second", 10)])
                #expect(outcomes.count { (try? $0.get().isDuplicate) == true } == 1)
            }
            #expect(
                again["insert usage_events"] == plain["insert usage_events"] && again["query token_usage"] == plain["query token_usage"])
            // Refused: only its account is read.
            let refused = try await profiling(test.database) {
                let outcomes = await one.recordUsage(Self.batch(test, 0..<40, "fourth", enforce: true))
                #expect(outcomes.count { (try? $0.get()) == nil } == 1)
            }
            #expect(refused["insert usage_events"] == plain["insert usage_events"])
            #expect(refused["query token_usage", default: 0] <= plain["query token_usage", default: 0] + 1)
            // Another instance's: one transaction more, but the accounts of the others are not read again.
            _ = await another.recordUsage([test.command("u0", "fifth", 10)])
            let other = try await profiling(test.database) {
                let outcomes = await one.recordUsage(Self.batch(test, 0..<39, "fifth"))
                #expect(outcomes.count { (try? $0.get().isDuplicate) == true } == 1)
            }
            #expect(other["query token_usage"] == plain["query token_usage"])
            #expect(try await test.audit().findings == [])
        }
    }

    /// A document that was stored without its events would count them twice.
    @Test func `A transaction that is refused stores no document either`() async throws {
        try await withTestService { test in
            let other = test.another()
            defer { other.drain() }
            for number in 1...16 { _ = try await test.service.recordUsage(test.command("u", "e\(number)", 10)) }
            for number in 1...3 { _ = try await other.recordUsage(test.command("v", "e\(number)", 10)) }
            // The seventeenth of the one stores its document, in a group with an event that the other has recorded.
            let outcomes = await test.service.recordUsage([test.command("u", "e17", 10), test.command("v", "e3", 10)])
            #expect(outcomes.compactMap { try? $0.get().isDuplicate } == [false, true])
            #expect(try await test.account(of: "u").tokens.used == 170)
            #expect(try await test.account(of: "v").tokens.used == 30)
            #expect(try await test.audit().findings == [])
        }
    }
}
