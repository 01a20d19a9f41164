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
                    group.addTask { try await store.write { try Leases.acquire("job", owner: "o\(index)", seconds: 30, $0) } }
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
            try store.blockingWrite { try Leases.release(first, $0) }
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
                id: ShopID(stored: "s"), name: "S", currency: Currency(stored: "EUR"), clock: .live, createdAt: start)
            #expect {
                try store.blockingTransaction {
                    try Shops.insert(shop, jwtSecret: "x", in: $0)
                    try Leases.fence(old, in: $0)
                }
            } throws: { ($0 as? StoreError)?.kind == .conflict }
            #expect(try store.blockingRead { try Shops.find(shop.id, $0) } == nil)
            try store.blockingTransaction { try Leases.fence(held, in: $0) }
        }
    }

    @Test func `At the instant at which a term ends it lasts still`() async throws {
        try await withStore { store in
            let first = try #require(try acquire(by: "a", store))
            for round in 0..<20 {
                let end = try endTerm(store)
                // So many ask that some do at that very millisecond.
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for task in 0..<6 {
                        group.addTask {
                            while try await store.write({ try Leases.acquire("job", owner: "\(round)-\(task)", seconds: 30, $0) }) == nil {
                                try Task.checkCancellation()
                            }
                        }
                    }
                    try await group.next()
                    group.cancelAll()
                }
                #expect(try expiry(store) - 30_000 > end)
            }
            #expect(try stored(store).int64("token") == first.token + 20)
        }
    }

    @Test func `A lease is renewed by who has it, also late when nobody else took it, and by no former owner`() async throws {
        try await withStore { store in
            let first = try #require(try acquire(by: "a", seconds: 0, store))
            #expect(try renew(first, store))
            #expect(try acquire(by: "b", store) == nil, "another term began")
            try store.blockingWrite { try Leases.release(first, $0) }
            let second = try #require(try acquire(by: "b", store))
            #expect(try !renew(first, store))
            try store.blockingWrite { try Leases.release(first, $0) }
            #expect(try acquire(by: "a", store) == nil, "a former owner ends nothing")
            try store.blockingWrite { try Leases.release(second, $0) }
            #expect(try !renew(first, store), "it is free, but it was another's meanwhile")
            #expect(try acquire(by: "c", store)?.token == second.token + 1)
        }
    }

    @Test func `Who took its own lease anew is not the owner of the one before another had it`() async throws {
        try await withStore { store in
            let first = try #require(try acquire(by: "a", store))
            try store.blockingWrite { try Leases.release(first, $0) }
            try store.blockingWrite { try Leases.release(#require(try Leases.acquire("job", owner: "b", seconds: 30, $0)), $0) }
            let again = try #require(try acquire(by: "a", store))
            #expect(again.token == first.token + 2)
            #expect(throws: StoreError.self) { try store.blockingTransaction { try Leases.fence(first, in: $0) } }
            try store.blockingTransaction { try Leases.fence(again, in: $0) }
        }
    }

    private func stored(_ store: MeterStore) throws -> Document {
        try #require(try store.blockingRead { try $0.findOne("job_leases", ["_id": "job"]) })
    }

    private func expiry(_ store: MeterStore) throws -> Int64 { try stored(store).date("expires_at") }

    /// Lets the term end in 15 ms, by the database's clock; gives that time.
    private func endTerm(_ store: MeterStore) throws -> Int64 {
        let soon: Document = ["$set": ["expires_at": ["$add": ["$$NOW", 15]]]]
        return try #require(try store.blockingWrite { try $0.findAndModify("job_leases", ["_id": "job"], [soon]) }).date("expires_at")
    }

    private func renew(_ lease: Leases.Lease, _ store: MeterStore) throws -> Bool {
        try store.blockingWrite { try Leases.renew(lease, seconds: 30, $0) }
    }

    private func acquire(by owner: String, seconds: Int64 = 30, _ store: MeterStore) throws -> Leases.Lease? {
        try store.blockingWrite { try Leases.acquire("job", owner: owner, seconds: seconds, $0) }
    }
}
