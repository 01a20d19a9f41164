import BSON
import Metering
import Mongo
import Service
import ServiceSupport
import Support
import Testing

@testable import Jobs

@Suite struct TurnPaceTests {
    @Test func `A group that takes too long halves the next ones, another error does not, and those that do not fail grow back`()
        async throws
    {
        try await withTestService { test in
            let pace = TurnPace(maximum: 100)
            for expected in [50, 25] {
                await #expect(throws: ServiceError.self) {
                    try await pace.paced(test.service) { throw ServiceError.databaseUnavailable }
                }
                #expect(pace.size == expected)
            }
            await #expect(throws: ServiceError.self) { try await pace.paced(test.service) { throw ServiceError.contended } }
            #expect(pace.size == 25)
            try await pace.paced(test.service) {}
            #expect(pace.size == 31)
        }
    }

    @Test func `A rollover whose groups the database breaks off closes smaller ones, and every period once`() async throws {
        try await withTestService { test in
            let users = 60
            for outcome in await test.service.recordUsage((0..<users).map { test.command("u\($0)", "e", 5) }) { _ = try outcome.get() }
            test.clock.advance(days: 40)
            try await FailPoint.lent(for: test.database) { point in
                // A group of 60, one of 50, and one of 25.
                try point.fail(["insert"], times: 3, ["errorCode": 50])
                let counts = try await test.run("rollover")
                #expect(counts?["periods_closed"] == users && counts?["failed"] == 0)
            }
            for user in 0..<users { #expect(try await test.account(of: "u\(user)").periodNumber == 2) }
            #expect(try await test.audit().findings == [])
        }
    }
}
