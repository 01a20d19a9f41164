import Metering
import ServiceSupport
import Store
import Support
import Synchronization
import Testing

@testable import Service

@Suite struct AuthenticationTests {
    @Test func `A key is its shop's with its scopes, until it is revoked`() async throws {
        try await withTestService { test in
            let (key, text) = try await test.service.createKey(of: ShopID(stored: "shop"), name: "reader", scopes: [.read])
            guard case .shop(let tenant, let scopes, _) = try await test.service.authenticate(bearer: text) else {
                Issue.record("not a shop's")
                return
            }
            #expect((tenant, scopes) == (test.tenant, [.read]))
            try await test.service.revokeKey(key.id, of: ShopID(stored: "shop"))
            await #expect(throws: ServiceError.self) { try await test.service.authenticate(bearer: text) }
            await #expect(throws: ServiceError.self) { try await test.another().authenticate(bearer: text) }
        }
    }

    @Test func `Fifty calls at once make one shop, and one of them is told its secrets`() async throws {
        try await withTestService { test in
            let made = try await withThrowingTaskGroup(of: ShopMeter.CreatedShop.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        try await test.service.createShop(
                            id: ShopID(stored: "new"), name: "New", currency: Currency(stored: "EUR"), clock: .live)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(made.count { !$0.isDuplicate } == 1)
            #expect(try await test.service.keys(of: ShopID(stored: "new"), after: nil, limit: 10).count == 1)
        }
    }

    @Test func `The admin token is the platform's`() async throws {
        try await withTestService { test in
            guard case .admin = try await test.service.authenticate(bearer: "admin") else {
                Issue.record("not the admin")
                return
            }
        }
    }

    @Test(arguments: [
        "", "Admin", "admin ", "smk_", "smk__", "smk_x_y", "smk_0123456789ab_00", "smk_0123456789ab_" + String(repeating: "0", count: 64),
        String(repeating: "a", count: 5_000),
    ])
    func `Any other token is nobody's`(token: String) async throws {
        try await withTestService { test in
            await #expect(throws: ServiceError.self) { try await test.service.authenticate(bearer: token) }
        }
    }

    @Test func `A remembered key is read again by one caller, and is forgotten when its trust ends`() {
        let cache = RecentValues<KeyID, String>()
        let (start, id) = (ContinuousClock.now, KeyID(stored: "k"))
        cache.remember("a key", of: id, readAt: start)
        #expect(cache.find(id, at: start + .seconds(1)).name == "fresh")
        #expect(cache.find(id, at: start + .seconds(2)).name == "aging")
        #expect(cache.find(id, at: start + .seconds(2)).name == "fresh")
        #expect(cache.find(id, at: start + .seconds(4)).name == "unknown")
    }

    @Test func `What is aging is read again, and stays trusted while that fails`() async throws {
        struct CircuitBreaker: Error {}
        let cache = RecentValues<KeyID, String>()
        let id = KeyID(stored: "k")
        cache.remember("old", of: id, readAt: .now - .seconds(2))
        #expect(try await cache.value(of: id) { _ in throw CircuitBreaker() } == "old")
        cache.remember("old", of: id, readAt: .now - .seconds(2))
        #expect(try await cache.value(of: id) { _ in "new" } == "new")
        #expect(try await cache.value(of: id) { _ in throw CircuitBreaker() } == "new")
        cache.remember("old", of: id, readAt: .now - .seconds(2))
        #expect(try await cache.value(of: id) { _ in nil } == nil)
        await #expect(throws: CircuitBreaker.self) { try await cache.value(of: id) { _ in throw CircuitBreaker() } }
    }
}

extension RecentValues.Answer {
    fileprivate var name: String {
        switch self {
        case .fresh: "fresh"
        case .aging: "aging"
        case .unknown: "unknown"
        }
    }
}

/// Ids without a value reach the database seldom.
@Suite struct StrangerTests {
    private struct Away: Error {}

    @Test func `An unknown id is not looked for again for two seconds, and guesses push nothing out that is known`() async throws {
        let cache = RecentValues<String, Int>()
        cache.remember(7, of: "known", readAt: .now)
        let reads = Counter()
        for _ in 0..<3 {
            #expect(try await cache.value(of: "guess") { _ in reads.add() } == nil)
        }
        #expect(reads.value == 1 && !cache.isStranger("guess") && cache.isStranger("another"))
        guard case .unknown = cache.find("guess", at: .now + .seconds(3)) else {
            Issue.record("it is marked for too long")
            return
        }
        for number in 0..<30_000 { _ = try await cache.value(of: "g\(number)") { _ in nil } }
        #expect(!cache.isStranger("known"), "guesses pushed it out")
    }

    @Test func `A made value counts at once, also where a read began before it was made`() async throws {
        let cache = RecentValues<String, Int>()
        let (gate, opens) = AsyncStream.makeStream(of: Void.self)
        #expect(try await cache.value(of: "a") { _ in nil } == nil)
        cache.forget("a")
        #expect(try await cache.value(of: "a") { _ in 1 } == 1)
        let early = Task {
            try await cache.value(of: "b") { _ in
                for await _ in gate {}
                return nil
            }
        }
        // Nothing announces that the read is under way.
        _ = try await poll { cache.waitingCount(of: "b") }
        cache.forget("b")
        opens.finish()
        #expect(try await early.value == nil)
        #expect(try await cache.value(of: "b") { _ in 2 } == 2)
    }

    @Test func `Callers at once share one read, and a read that fails is tried again by one of them`() async throws {
        let (cache, reads) = (RecentValues<String, Int>(), Counter())
        let (gate, opens) = AsyncStream.makeStream(of: Void.self)
        let answers = try await withThrowingTaskGroup(of: Int?.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await cache.value(of: "a") { _ in
                        _ = reads.add()
                        for await _ in gate {}
                        return 5
                    }
                }
            }
            _ = try await poll { cache.waitingCount(of: "a") == 49 ? true : nil }
            opens.finish()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == 50 && answers.allSatisfy { $0 == 5 } && reads.value == 1)
        await #expect(throws: Away.self) { try await cache.value(of: "b") { _ in throw Away() } }
        #expect(try await cache.value(of: "b") { _ in 1 } == 1)
    }
}

private final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }

    /// Counts a read that finds nothing.
    func add() -> Int? {
        count.withLock { $0 += 1 }
        return nil
    }
}
