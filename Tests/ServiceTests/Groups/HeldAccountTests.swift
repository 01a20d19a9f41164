import BSON
import Metering
import Mongo
import ServiceSupport
import Store
import Support
import Testing

@testable import Service

/// Accounts and wallets that somebody's open transaction holds.
@Suite struct HeldAccountTests {
    private static func id(_ user: String) -> Value { ["shop_id": "shop", "user_id": .string(user)] }

    private static let others = (0..<20).map { "u\($0)" }

    /// Records an event of each of the others, and expects all of them to be stored.
    private static func expectOthersRecorded(_ event: String, _ test: TestService) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for user in others { group.addTask { _ = try await test.service.recordUsage(test.command(user, event)) } }
            try await group.waitForAll()
        }
    }

    @Test func `An account that is held waits alone, is told so in its time, and goes on when it is free`() async throws {
        try await withTestService(checkpointEvery: 1) { test in
            _ = try await test.service.recordUsage(test.command("held", "first"))
            try await Self.expectOthersRecorded("first", test)
            let waiting = try await holding(Self.id("held"), of: "token_usage", in: test.database) {
                let refused = Task { try await test.service.recordUsage(test.command("held", "early")) }
                // All others are recorded again and again for as long as the one waits.
                let over = Task { await refused.result }
                for round in 0..<3 { try await Self.expectOthersRecorded("round \(round)", test) }
                let error = await #expect(throws: ServiceError.self) { try await over.value.get() }
                guard case .contended? = error else { throw UnexpectedError(error: error) }
                try await Self.expectOthersRecorded("after", test)
                return Task { try await test.service.recordUsage(test.command("held", "late")) }
            }
            #expect(try await waiting.value.isDuplicate == false)
            #expect(try await test.account(of: "held").tokens.used == 2)
            for user in Self.others { #expect(try await test.account(of: user).tokens.used == 5) }
            #expect(try await test.audit().findings == [])
        }
    }

    @Test func `What an instance that was killed left open is ended by who waits for it`() async throws {
        try await withTestService(checkpointEvery: 1) { test in
            _ = try await test.service.recordUsage(test.command("held", "first"))
            _ = try await test.subscribe("held", to: TestService.basic)
            try await holding(Self.id("held"), of: "token_usage", in: test.database, as: nil) {
                _ = try await test.service.recordUsage(test.command("held", "second"))
            }
            try await holding(Self.id("held"), of: "token_usage", in: test.database, as: nil) {
                _ = try await test.service.moveSubscription(of: UserID(stored: "held"), in: test.tenant, .reset())
            }
            #expect(try await test.events(of: "held").count == 2)
        }
    }

    @Test func `A subscription whose account is held does not hold up those of others in its shop`() async throws {
        try await withTestService(checkpointEvery: 1) { test in
            for user in ["held", "other"] { _ = try await test.subscribe(user, to: TestService.basic) }
            try await holding(Self.id("held"), of: "token_usage", in: test.database) {
                let waiting = Task { try await test.service.moveSubscription(of: UserID(stored: "held"), in: test.tenant, .reset()) }
                for _ in 0..<5 { _ = try await test.service.moveSubscription(of: UserID(stored: "other"), in: test.tenant, .reset()) }
                let error = await #expect(throws: ServiceError.self) { try await waiting.value }
                guard case .contended? = error else { throw UnexpectedError(error: error) }
            }
            #expect(try await test.account(of: "other").periodNumber == 6)
            #expect(try await test.account(of: "held").periodNumber == 1)
        }
    }

    private struct UnexpectedError: Error {
        let error: ServiceError?
    }
}

/// Groups that the database does not take in time.
@Suite struct GroupFaultTests {
    @Test(arguments: [50, 134, 8000, 11601, 14031] as [Int32])
    func `A group that the database breaks off fails itself alone, is no fault, and can be sent again`(code: Int32) async throws {
        try await withTestService { test in
            _ = try await test.service.recordUsage(test.command("u", "first"))
            try await FailPoint.lent(for: test.database) { point in
                for command in ["insert", "commitTransaction"] {
                    try point.fail([command], times: 100_000, ["errorCode": .int32(code)])
                    let error = await Deadline.$current.withValue(Deadline(in: .milliseconds(400))) {
                        await #expect(throws: ServiceError.self) { try await test.service.recordUsage(test.command("u", command)) }
                    }
                    guard case .databaseUnavailable? = error else { throw UnexpectedOutcome(error: error) }
                    try point.off()
                    #expect(!test.store.isAway)
                    _ = try await test.service.recordUsage(test.command("u", command))
                }
            }
            #expect(try await test.account(of: "u").tokens.used == 3)
            #expect(try await test.audit().findings == [])
        }
    }

    @Test func `A group that closes periods first has one deadline for all that it does`() async throws {
        try await withTestService { test in
            _ = try await test.service.recordUsage(test.command("u", "first"))
            test.clock.advance(days: 40)
            try await FailPoint.lent(for: test.database) { point in
                let finds = try await countingFinds(in: test.database) {
                    try point.fail(["find"], times: 1_000, ["blockConnection": true, "blockTimeMS": 300])
                    let error = await Deadline.$current.withValue(Deadline(in: .milliseconds(450))) {
                        await #expect(throws: ServiceError.self) { try await test.service.recordUsage(test.command("u", "second")) }
                    }
                    try point.off()
                    guard case .databaseUnavailable? = error else { throw UnexpectedOutcome(error: error) }
                }
                // The closing alone has four.
                #expect(finds <= 2)
            }
            #expect(try await test.events(of: "u").count == 1)
        }
    }

    private struct UnexpectedOutcome: Error {
        let error: ServiceError?
    }
}
