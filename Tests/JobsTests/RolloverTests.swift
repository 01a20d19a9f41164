import BSON
import Metering
import Mongo
import Service
import Store
import Support
import Synchronization
import Testing

@testable import Jobs

@Suite struct RolloverTests {
    @Test func `Whoever runs it and how often, each period closes once, in order`() async throws {
        try await withShop { store, clock, tenant in
            let service = ShopMeter(store: store, clock: clock, settings: Settings(adminToken: "a"))
            defer { service.drain() }
            for user in 0..<130 {
                let command = UsageCommand(
                    tenant: tenant, user: UserID(stored: "u\(user)"), event: EventID(stored: "e"), content: UsageContent(amount: 10))
                _ = try await service.recordUsage(command)
            }
            clock.move(to: "2027-02-01T00:00:00Z")
            let reports = try await withThrowingTaskGroup(of: JobReport?.self) { group in
                for _ in 0..<4 { group.addTask { try await JobRunner(service: service).run(.rollover) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(reports.compactMap { $0?.counts["periods_closed"] }.reduce(0, +) == 130 * 3)
            for user in [0, 77, 129] {
                let account = try await service.usage(of: UserID(stored: "u\(user)"), in: tenant).account
                #expect(account.summaries.map(\.totals.tokens) == [10, 0, 0])
                #expect(account.summaries.map(\.period.start.rfc3339.prefix) == ["2026-11", "2026-12", "2027-01"])
            }
            #expect(try await JobRunner(service: service).run(.rollover)?.counts["periods_closed"] == 0)
        }
    }

    @Test func `A scheduler runs the jobs at its ticks, and stops`() async throws {
        try await withShop { store, clock, tenant in
            let service = ShopMeter(store: store, clock: clock, settings: Settings(adminToken: "a"))
            defer { service.drain() }
            let (outcomes, continuation) = AsyncStream.makeStream(of: JobOutcome.self)
            let scheduler = JobScheduler(runner: JobRunner(service: service)) { continuation.yield($0) }
            scheduler.start(every: 1)
            var iterator = outcomes.makeAsyncIterator()
            for _ in 0..<2 {
                guard case .done(let report)? = await iterator.next() else {
                    Issue.record("the job did not run")
                    break
                }
                #expect(report.counts["shops"] == 1)
            }
            await scheduler.stop()
        }
    }

    @Test func `A job that fails says why and is run again`() async throws {
        try await withTestDatabase { database in
            let store = MeterStore(database: database)
            let service = ShopMeter(store: store, clock: ManualClock(), settings: Settings(adminToken: "a"))
            defer { service.drain() }
            try await database.run { _ = try $0.command(["create": "job_leases", "validator": ["never": ["$exists": true]]]) }
            guard case .failed(let job, _) = await JobRunner(service: service).turn(of: .rollover) else {
                Issue.record("it did not fail")
                return
            }
            #expect(job == "rollover")
            try await database.run { _ = try $0.command(["drop": "job_leases"]) }
            guard case .done = await JobRunner(service: service).turn(of: .rollover) else {
                Issue.record("it did not recover")
                return
            }
        }
    }

    private func withShop(_ body: (MeterStore, ManualClock, Tenant) async throws -> Void) async throws {
        try await withTestDatabase { database in
            let store = MeterStore(database: database)
            try store.prepare()
            let clock = ManualClock()
            let setup = ShopMeter(store: store, clock: clock, settings: Settings(adminToken: "a"))
            defer { setup.drain() }
            let shop = try await setup.createShop(
                id: ShopID(stored: "shop"), name: "Shop", currency: Currency(stored: "EUR"), clock: .live
            ).shop
            try await body(store, clock, shop.tenant)
        }
    }
}

extension String {
    /// Year and month.
    fileprivate var prefix: String { String(self.prefix(7)) }
}
