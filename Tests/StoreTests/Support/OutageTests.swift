import BSON
import Mongo
import Support
import Testing

@testable import Store

/// What counts as an outage: a server that cannot be reached, and nothing else.
@Suite struct OutageTests {
    @Test(arguments: [50, 43, 251, 11601, 14031] as [Int32])
    func `One call that takes too long or is broken off does not refuse the others`(code: Int32) async throws {
        try await withTestDatabase { database in
            let store = MeterStore(database: database)
            try await FailPoint.lent(for: database) { point in
                // Twice, as the driver tries some reads again.
                try point.fail(["find"], times: 2, ["errorCode": .int32(code)])
                let error = await #expect(throws: StoreError.self) {
                    try await store.read { _ = try $0.find("a", [:]) }
                    try await store.read { _ = try $0.find("a", [:]) }
                }
                #expect(error?.kind == .interrupted && !store.isAway)
            }
        }
    }

    @Test func `A server that cannot be reached refuses all until a ping is answered`() async throws {
        var options = DatabaseOptions()
        options.selection = .milliseconds(100)
        let store = MeterStore(
            database: try Database(uri: "mongodb://127.0.0.1:1/?replicaSet=none", name: "none", options: options))
        defer { store.shutdown() }
        let error = await #expect(throws: StoreError.self) { try await store.ping() }
        #expect(error?.kind == .unavailable && store.isAway)
    }

    @Test func `A call whose time was over before it could find out leaves that to the next one`() async throws {
        try await withTestDatabase { database in
            let breaker = CircuitBreaker()
            breaker.note(.away, at: .now - .seconds(2))
            let store = MeterStore(database: database, breaker: breaker)
            let error = await #expect(throws: StoreError.self) {
                try await Deadline.$current.withValue(Deadline(at: .now)) { try await store.ping() }
            }
            #expect(error?.kind == .interrupted && store.isAway)
            try await store.ping()
            #expect(!store.isAway)
        }
    }

    @Test func `While the database is away, a call pings before it begins, and a ping that fails keeps it away`() async throws {
        try await withTestDatabase { database in
            try await FailPoint.lent(for: database) { point in
                let breaker = CircuitBreaker()
                breaker.note(.away)
                try point.fail(["ping"], times: 1, ["errorCode": 50])
                #expect(throws: CircuitBreaker.NoAnswer.self) {
                    try database.withConnection { try breaker.passing($0) { _ in Issue.record("the call began") } }
                }
                #expect(breaker.isOpen)
                let seen = try database.withConnection { try breaker.passing($0) { _ in breaker.isOpen } }
                #expect(!seen, "others need not wait for the whole call")
            }
        }
    }
}
