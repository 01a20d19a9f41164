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
                #expect(try await store.read { try ConsumptionMonths.calls(of: user, in: month, of: tenant, $0) } == total)
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

    /// Users whose counts go over several months, in two shops.
    private func fill(_ store: MeterStore) async throws {
        for shop in ["acme", "rival"] {
            let shop = Shop(
                id: ShopID(stored: shop), name: shop, currency: Currency(stored: "EUR"), clock: .live, createdAt: start)
            try await store.transaction { try Shops.insert(shop, jwtSecret: "s", in: $0) }
            for (user, month) in [("a", 9), ("a", 10), ("a", 11), ("b", 1), ("c", 11), ("c", 12)] {
                for day in 1...5 {
                    let text = "2026-\(month < 10 ? "0" : "")\(month)-0\(day)"
                    _ = try await add(entry(user, text, "/\(day)", Quantity(month)), of: shop.tenant, store)
                }
            }
        }
    }

    private func counters(_ store: MeterStore) throws -> [Document] {
        try store.database.withConnection { try $0.find("consumption_months", [:], sort: ["_id": 1]) }
    }

    private func audit(_ tenant: Tenant, pageSize: Int, _ store: MeterStore) async throws -> [ConsumptionAudit] {
        var (months, last) = ([ConsumptionAudit](), ConsumptionMonth?.none)
        repeat {
            let page = try await store.read { [last] in try ConsumptionMonths.audit(of: tenant, after: last, pageSize: pageSize, $0) }
            months += page.months
            last = page.last
        } while last != nil
        return months
    }

    @Test(arguments: [1, 3, 7, 1_000])
    func `Counters that are built from the log are those that were kept with it, wherever the building was interrupted`(
        pageSize: Int
    ) async throws {
        try await withStore { store in
            try await fill(store)
            let kept = try counters(store)
            #expect(kept.count == 12)
            for done in [0, 1, 5, 6, 12] {
                try store.database.withConnection { connection in
                    for counter in kept.dropFirst(done) {
                        _ = try connection.deleteOne("consumption_months", ["_id": #require(counter["_id"])])
                    }
                    try ConsumptionMonths.build(connection, pageSize: pageSize)
                }
                #expect(try counters(store) == kept)
            }
        }
    }

    @Test(arguments: [1, 3, 7, 1_000])
    func `An audit finds each counter that is wrong, missing, or of nothing`(pageSize: Int) async throws {
        try await withStore { store in
            try await fill(store)
            let tenant = Tenant(shop: ShopID(stored: "acme"))
            let right = try await audit(tenant, pageSize: pageSize, store)
            #expect(right.count == 6 && right.allSatisfy { $0.difference == nil } && right.map(\.logged) == [45, 50, 55, 5, 55, 60])
            try store.database.withConnection { connection in
                func id(_ user: String, _ month: String) -> Value {
                    ["shop_id": "acme", "user_id": .string(user), "month": .string(month)]
                }
                _ = try connection.update("consumption_months", ["_id": id("a", "2026-10")], ["$inc": ["api_calls": .int64(1)]])
                _ = try connection.deleteOne("consumption_months", ["_id": id("c", "2026-11")])
                _ = try connection.insert("consumption_months", [["_id": id("z", "2026-01"), "api_calls": .int64(7)]])
            }
            let wrong = try await audit(tenant, pageSize: pageSize, store).filter { $0.difference != nil }
            #expect(
                wrong.map { "\($0.user) \($0.month.iso) \($0.logged) \($0.counted)" } == [
                    "a 2026-10 50 51", "c 2026-11 55 0", "z 2026-01 0 7",
                ])
            #expect(wrong.first?.difference == AuditDifference("consumption 2026-10 api_calls", expected: "50", actual: "51"))
        }
    }
}
