import BSON
import Metering
import Mongo
import Service
import ServiceSupport
import Store
import Support
import Testing

@testable import Jobs

/// A job's lease while the job works.
@Suite struct JobLeaseTests {
    private static let job = "rollover"
    /// A renewal is due.
    private static var longAgo: ContinuousClock.Instant { .now - .seconds(JobLease.seconds / 3 + 1) }

    @Test func `A lease is trusted for a third of its term, then renewed`() async throws {
        try await withTestService { test in
            let taken = try #require(try await test.take(by: "me"))
            try await test.set(expiry: 1)
            let fresh = JobLease(taken, askedAt: .now, service: test.service)
            #expect(try await fresh.held() == taken)
            #expect(try await test.expiry() == 1, "the database was not asked")
            let old = JobLease(taken, askedAt: Self.longAgo, service: test.service)
            #expect(try await old.held() == taken)
            #expect(try await test.expiry() > 1)
            try await test.set(expiry: 1)
            #expect(try await old.held() == taken)
            #expect(try await test.expiry() == 1, "and is trusted anew from then on")
        }
    }

    @Test(arguments: [false, true])
    func `Who lost its lease closes nothing, and leaves the lease to others`(isFreeAgain: Bool) async throws {
        try await withTestService { test in
            for user in ["a", "b"] { _ = try await test.service.recordUsage(test.command(user, "e", 5)) }
            test.clock.move(to: "2027-01-10T00:00:00Z")
            let taken = try #require(try await test.take(by: "me"))
            try await test.set(expiry: 1)
            let next = try #require(try await test.take(by: "you"))
            if isFreeAgain { try await test.store.write { try Leases.release(next, $0) } }
            // One finds out by asking, the other by the last write of its transaction.
            for askedAt in [Self.longAgo, .now] {
                let lost = JobLease(taken, askedAt: askedAt, service: test.service)
                let error = await #expect(throws: ServiceError.self) {
                    try await JobRunner(service: test.service).walk(.rollover, under: lost, TurnFailures(now: { test.clock.now() }))
                }
                guard case .conflict? = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
                await lost.release()
            }
            let counts = try await test.database.run {
                [try $0.count("period_closes", [:]), try $0.count("token_usage", ["period_number": 1])]
            }
            #expect(counts == [0, 2])
            #expect(try await test.take(by: "them")?.token == (isFreeAgain ? next.token + 1 : nil))
        }
    }

    @Test func `A lease is given back when the work ends, also by an error`() async throws {
        struct Broken: Error {}
        try await withTestService { test in
            #expect(
                try await JobRunner(service: test.service).withLease(of: Self.job) { _ in try await test.take(by: "you") == nil } == true)
            let second = try #require(try await test.take(by: "you"))
            #expect(try await JobRunner(service: test.service).withLease(of: Self.job, { _ in true }) == nil, "it is another's")
            try await test.store.write { try Leases.release(second, $0) }
            await #expect(throws: Broken.self) {
                try await JobRunner(service: test.service).withLease(of: Self.job) { _ in throw Broken() }
            }
            #expect(try await test.take(by: "you")?.token == second.token + 2)
        }
    }
}

extension TestService {
    fileprivate func take(by owner: String) async throws -> Leases.Lease? {
        try await store.write { try Leases.acquire("rollover", owner: owner, seconds: 30, $0) }
    }

    fileprivate func expiry() async throws -> Int64 {
        try await #require(database.run { try $0.findOne("job_leases", ["_id": "rollover"]) }).date("expires_at")
    }

    fileprivate func set(expiry: Int64) async throws {
        try await database.run {
            _ = try $0.update("job_leases", ["_id": "rollover"], ["$set": ["expires_at": .date(milliseconds: expiry)]])
        }
    }
}
