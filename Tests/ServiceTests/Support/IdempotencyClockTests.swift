import BSON
import Foundation
import Metering
import Mongo
import ServiceSupport
import Store
import Support
import Testing

@testable import Service

/// A key is kept for 35 days of the server's time, by which the database forgets it, however a test shop's clock is moved.
@Suite struct IdempotencyClockTests {
    @Test func `A test shop's keys are kept from the server's time on, whether its own clock is ahead or behind`() async throws {
        try await withTestService { test in
            let shop = try await test.service.createShop(
                id: ShopID(stored: "lab"), name: "lab", currency: Currency(stored: "EUR"), clock: .test
            ).shop
            func count(_ key: String) async throws -> Bool {
                let once = IdempotentRequest<CountedConsumption>(key: key, content: [1]) { "\($0.total)" }
                let request = ConsumptionRequest(user: UserID(stored: "u"), endpoint: "/a")
                let outcome = try await test.service.countConsumption(request, of: shop.tenant, once: once)
                let document = try test.database.withConnection {
                    try $0.find("idempotency_keys", ["_id": ["shop_id": "lab", "key": .string(key)]])
                }
                let kept = try Date(timeIntervalSince1970: Double(#require(document.first).date("created_at")) / 1_000)
                #expect(abs(kept.timeIntervalSinceNow) < 600)
                if case .done = outcome { return true } else { return false }
            }
            #expect(try await count("now"))
            _ = try await test.moveClock(of: shop.id, to: test.clock.now().adding(days: 300))
            #expect(try await count("ahead"))
            let repeated = IdempotentRequest<CountedConsumption>(key: "now", content: [1]) { "\($0.total)" }
            let outcome = try await test.service.countConsumption(
                ConsumptionRequest(user: UserID(stored: "u"), endpoint: "/a"), of: shop.tenant, once: repeated)
            if case .done = outcome { Issue.record("a key of today is forgotten in the shop's next year") }
            test.clock.move(to: "2029-01-01T00:00:00Z")
            #expect(try await count("behind"))
        }
    }
}
