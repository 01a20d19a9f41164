import BSON
import Metering
import Mongo
import Support
import Testing

@testable import Store

@Suite struct LeasesTests {
    @Test func `Of many that ask at once, one gets the lease`() async throws {
        try await withStore { store in
            let leases = try await withThrowingTaskGroup(of: Leases.Lease?.self) { group in
                for index in 0..<16 {
                    group.addTask { try await store.read { try Leases.acquire("job", owner: "o\(index)", seconds: 30, $0) } }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(leases.compactMap { $0 }.count == 1)
        }
    }

    @Test func `An owner renews its lease with the same token; another one's token is higher`() async throws {
        try await withStore { store in
            let first = try #require(try acquire(by: "a", store))
            #expect(try acquire(by: "a", store)?.token == first.token)
            #expect(try acquire(by: "b", store) == nil)
            try store.blockingRead { try Leases.release(first, $0) }
            #expect(try acquire(by: "b", store)?.token == first.token + 1)
        }
    }

    @Test func `Work under a lost lease is not stored`() async throws {
        try await withStore { store in
            let old = try #require(try acquire(by: "a", seconds: 0, store))
            var new: Leases.Lease?
            while new == nil { new = try acquire(by: "b", store) }
            let held = try #require(new)
            let shop = Shop(
                id: ShopID(stored: "s"), name: "S", currency: Currency(stored: "EUR"), clock: .live, jwtSecret: "x", createdAt: start)
            #expect {
                try store.blockingTransaction {
                    try Shops.insert(shop, in: $0)
                    try Leases.fence(old, in: $0)
                }
            } throws: { ($0 as? StoreError)?.kind == .conflict }
            #expect(try store.blockingRead { try Shops.find(shop.id, $0) } == nil)
            try store.blockingTransaction { try Leases.fence(held, in: $0) }
        }
    }

    private func acquire(by owner: String, seconds: Int64 = 30, _ store: MeterStore) throws -> Leases.Lease? {
        try store.blockingRead { try Leases.acquire("job", owner: owner, seconds: seconds, $0) }
    }
}
