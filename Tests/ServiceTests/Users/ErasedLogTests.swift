import Metering
import Mongo
import ServiceSupport
import Store
import Support
import Testing

@testable import Service

/// An erasure moves the entries of an account's log away, and so frees their numbers.
@Suite struct ErasedLogTests {
    private static let user = UserID(stored: "u")

    private static func erase(_ test: TestService) async throws -> ErasedUser {
        try await test.service.eraseUser(user, quoted: "\"u\"", of: test.tenant, by: .command)
    }

    /// As a client does that comes again until it is answered: the erasure goes on where it was.
    private static func eraseAtLast(_ test: TestService) async throws -> ErasedUser {
        for attempt in 0... {
            do { return try await erase(test) } catch ServiceError.contended where attempt < 20 {} catch ServiceError.conflict
                where attempt < 20
            {}
        }
        throw ServiceError.contended
    }

    @Test func `Who remembers the account of an erased user records for a new one`() async throws {
        try await withTestService { test in
            let late = test.another()
            defer { late.drain() }
            for number in 0..<3 { _ = try await late.recordUsage(test.command("u", "late \(number)", 10)) }
            for number in 0..<5 { _ = try await test.service.recordUsage(test.command("u", "early \(number)", 100)) }
            let erased = try await Self.erase(test)
            #expect(erased.events == 8)
            // Each of the two remembers the account as it was.
            _ = try await late.recordUsage(test.command("u", "new", 1))
            _ = try await test.service.recordUsage(test.command("u", "newer", 2))
            _ = try await late.recordUsage(test.command("u", "newest", 4))
            #expect(try await test.account(of: "u").lifetime == Totals(tokens: 7, queries: 3, peak: 4))
            let kept = try await test.account(of: erased.token.rawValue)
            #expect(kept.lifetime == Totals(tokens: 530, queries: 8, peak: 100))
            #expect(try await test.audit().findings == [])
        }
    }

    @Test func `While two instances record, an erasure loses no event and counts none twice`() async throws {
        try await withTestService { test in
            let other = test.another()
            defer { other.drain() }
            var tokens: [UserID] = []
            for round in 0..<3 {
                _ = try await test.service.recordUsage(test.command("u", "\(round)"))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for client in 0..<6 {
                        group.addTask { try await Self.record(20, "\(round) \(client)", by: client % 2 == 0 ? test.service : other, test) }
                    }
                    tokens.append(try await Self.eraseAtLast(test).token)
                    try await group.waitForAll()
                }
            }
            var queries: Quantity = 0
            for user in tokens.map(\.rawValue) + ["u"] { queries += try await test.account(of: user).lifetime.queries }
            #expect(queries == 3 * (1 + 6 * 20))
            #expect(try await test.audit().findings == [])
        }
    }

    /// As a client does that comes again until it is answered.
    private static func record(_ count: Int, _ name: String, by service: ShopMeter, _ test: TestService) async throws {
        for number in 0..<count {
            for attempt in 0... {
                do {
                    _ = try await service.recordUsage(test.command("u", "\(name) \(number)"))
                    break
                } catch ServiceError.contended where attempt < 20 {}
            }
        }
    }

    /// `counts`: those that were read before the erasure.
    private static func record(_ number: Int64, _ counts: [Tenant: Int64], _ test: TestService, in transaction: Transaction) throws {
        let event = RecordedEvent(
            id: EventID(stored: "late"), user: user, content: UsageContent(amount: 1), at: test.clock.now(), recordedAt: test.clock.now(),
            periodNumber: 1,
            settlement: Settlement(breakdown: Breakdown(fromSubscription: 1), used: 1, limit: Limit(nil), remaining: nil, alerts: []),
            sequence: number)
        try Erasures.require(counts, in: transaction)
        try UsageEvents.insert([(test.tenant, event)], in: transaction)
    }

    @Test func `An event that was settled before an erasure is not stored after it, whichever of the two begins first`() async throws {
        try await withTestService { test in
            _ = try await test.service.recordUsage(test.command("u", "first"))
            let (account, store) = (try await test.account(of: "u"), test.store)
            let counts = try store.blockingRead { try Erasures.counts(of: [test.tenant], $0) }
            let erased = ErasedUser(token: UserID(stored: "erased"), at: test.clock.now(), by: .command)
            func erase() throws {
                try store.blockingTransaction { transaction in
                    try Erasures.begin(erased, Self.user, of: test.tenant, in: transaction)
                    _ = try Erasures.moveEvents(of: Self.user, to: erased, limit: 500, of: test.tenant, in: transaction)
                    _ = try Erasures.finish(Self.user, as: erased, of: test.tenant, in: transaction)
                }
            }
            let met = #expect(throws: StoreError.self) {
                try store.blockingTransaction { transaction in
                    // From here on it sees what was before.
                    _ = try Accounts.find(Self.user, of: test.tenant, transaction)
                    try erase()
                    try Self.record(account.version + 1, counts, test, in: transaction)
                }
            }
            #expect(met?.kind == .contended)
            let late = #expect(throws: StoreError.self) {
                try store.blockingTransaction { try Self.record(account.version + 1, counts, test, in: $0) }
            }
            #expect(late?.kind == .conflict)
            #expect(try await test.events(of: "u") == [])
        }
    }
}
