import BSON
import Metering
import Mongo
import Support
import Testing

@testable import Store

@Suite struct ConsumptionLogTests {
    private let tenant = Tenant(shop: ShopID(stored: "shop"))

    private func entry(_ user: String, _ day: String, _ endpoint: String, _ calls: Quantity) throws -> ConsumptionEntry {
        ConsumptionEntry(user: UserID(stored: user), endpoint: endpoint, day: try #require(CivilDay(iso: day)), apiCalls: calls)
    }

    private func add(_ entry: ConsumptionEntry, of tenant: Tenant, _ store: MeterStore) async throws -> Bool {
        try await store.transaction { try ConsumptionLog.add(entry, of: tenant, in: $0) }
    }

    @Test func `Calls add up by user, day and endpoint, and a month sums its own days alone`() async throws {
        try await withStore { store in
            let added: [(user: String, day: String, endpoint: String, calls: Quantity, isNew: Bool)] = [
                ("u", "2026-10-31", "/a", 1, true), ("u", "2026-11-01", "", 10, true), ("u", "2026-11-01", "/a", 100, true),
                ("u", "2026-11-01", "/a", 100, false), ("u", "2026-11-30", "\u{10FFFF}", 1_000, true), ("u", "2026-12-01", "", 5, true),
                ("t", "2026-11-01", "/a", 7, true), ("u1", "2026-11-01", "/a", 7, true),
            ]
            for (user, day, endpoint, calls, isNew) in added {
                #expect(try await add(entry(user, day, endpoint, calls), of: tenant, store) == isNew)
            }
            for other in ["sho", "shop1"] {
                _ = try await add(entry("u", "2026-11-02", "/a", 9), of: Tenant(shop: ShopID(stored: other)), store)
            }
            let user = UserID(stored: "u")
            for (month, total) in [("2026-09", 0), ("2026-10", 1), ("2026-11", 1_210), ("2026-12", 5)] as [(String, Quantity)] {
                let month = try #require(CivilMonth(iso: month))
                #expect(try await store.read { try ConsumptionLog.total(of: user, in: month, of: tenant, $0) } == total)
            }
            let first = try #require(CivilDay(iso: "2026-11-01"))
            #expect(try await store.read { try ConsumptionLog.endpoints(of: user, on: first, in: tenant, $0) } == 2)
        }
    }

    @Test(arguments: [.int64(-1), .int64(Quantity.largest + 1), .int32(1), .double(1), .null] as [Value])
    func `The database refuses a count that is no quantity`(count: Value) async throws {
        try await withStore { store in
            let document: Document = [
                "_id": ["shop_id": "s", "user_id": "u", "date": "2026-11-01", "endpoint": "/a"], "api_calls": count,
            ]
            #expect(throws: MongoError.self) { try store.database.withConnection { try $0.insert("consumption_log", [document]) } }
        }
    }

    @Test func `A sum past the largest quantity stays the largest`() async throws {
        try await withStore { store in
            for endpoint in ["/a", "/b"] { _ = try await add(entry("u", "2026-11-01", endpoint, Quantity.largest), of: tenant, store) }
            let month = try #require(CivilMonth(iso: "2026-11"))
            let total = try await store.read { try ConsumptionLog.total(of: UserID(stored: "u"), in: month, of: tenant, $0) }
            #expect(total == Quantity.largest)
        }
    }
}
