import Metering
import ServiceSupport
import Store
import Support
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

    @Test(arguments: ["", "Admin", "admin ", "smk_", "smk__", "smk_x_y", "smk_0123456789ab_00", String(repeating: "a", count: 5_000)])
    func `Any other token is nobody's`(token: String) async throws {
        try await withTestService { test in
            await #expect(throws: ServiceError.self) { try await test.service.authenticate(bearer: token) }
        }
    }

    @Test func `A remembered key is read again by one caller, and is forgotten when its trust ends`() {
        let cache = AuthenticationCache<KeyID, String>()
        let (start, id) = (ContinuousClock.now, KeyID(stored: "k"))
        cache.remember("a key", of: id, readAt: start)
        #expect(cache.find(id, at: start + .seconds(1)).name == "fresh")
        #expect(cache.find(id, at: start + .seconds(2)).name == "aging")
        #expect(cache.find(id, at: start + .seconds(2)).name == "fresh")
        #expect(cache.find(id, at: start + .seconds(4)).name == "unknown")
    }

    @Test func `What is aging is read again, and stays trusted while that fails`() async throws {
        struct CircuitBreaker: Error {}
        let cache = AuthenticationCache<KeyID, String>()
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

extension AuthenticationCache.Answer {
    fileprivate var name: String {
        switch self {
        case .fresh: "fresh"
        case .aging: "aging"
        case .unknown: "unknown"
        }
    }
}
