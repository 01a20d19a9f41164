import Metering
import Mongo
import Service
import ServiceSupport
import Store
import Support
import Testing

@testable import Jobs

/// Jobs ask for what is due in all shops at once.
@Suite struct DueShopsTests {
    private func addShops(_ names: Range<Int>, to test: TestService) async throws {
        for name in names {
            let shop = try await test.service.createShop(
                id: ShopID(stored: "shop \(name)"), name: "Shop", currency: Currency(stored: "EUR"), clock: name % 2 == 0 ? .live : .test
            ).shop
            let command = UsageCommand(
                tenant: shop.tenant, user: UserID(stored: "u"), event: EventID(stored: "e"), content: UsageContent(amount: 1))
            _ = try await test.service.recordUsage(command)
        }
    }

    private func tick(_ test: TestService) async throws -> [String: Int] {
        try await profiling(test.database) {
            for job in Job.all { _ = try await JobRunner(service: test.service).run(job) }
        }
    }

    @Test func `A tick where nothing is due costs as many commands for many shops as for few`() async throws {
        try await withTestService { test in
            try await addShops(0..<4, to: test)
            for job in Job.all { _ = try await test.run(job.name) }
            let few = try await tick(test)
            try await addShops(4..<40, to: test)
            for job in Job.all { _ = try await test.run(job.name) }
            let many = try await tick(test)
            #expect(many == few)
            #expect(few["command shops"] == Job.all.count)
        }
    }

    @Test func `Each shop's work is due by the shop's own time`() async throws {
        try await withTestService { test in
            let made = try await test.service.createShop(
                id: ShopID(stored: "test"), name: "Test", currency: Currency(stored: "EUR"), clock: .test
            ).shop
            func isDue(_ work: DueWork) throws -> [String: Bool] {
                let found = try test.store.blockingRead { try Shops.due([work], at: test.clock.now(), after: nil, limit: 10, $0) }
                return Dictionary(uniqueKeysWithValues: found.map { ($0.tenant.shop.rawValue, $0.isDue) })
            }
            for tenant in [test.tenant, made.tenant] {
                let user = UserID(stored: "u")
                _ = try await test.service.recordUsage(
                    UsageCommand(tenant: tenant, user: user, event: EventID(stored: "e"), content: UsageContent(amount: 1)))
                let hold = ReservationRequest(id: ReservationID(stored: "r"), user: user, meter: .tokens, amount: 1, seconds: 60)
                _ = try await test.service.holdReservation(hold, for: tenant)
            }
            for work in [DueWork.periods, .holds, .invoices, .quotas] {
                #expect(try isDue(work) == ["shop": false, "test": false], "\(work)")
            }
            #expect(try isDue(.days) == ["shop": true, "test": true])
            #expect(try await test.run("analytics")?["days_kept"] == 2)
            #expect(try isDue(.days) == ["shop": false, "test": false])
            test.clock.advance(days: 40)
            for work in [DueWork.periods, .holds, .days] { #expect(try isDue(work) == ["shop": true, "test": false], "\(work)") }
            // Its clock alone, without what is due on the way.
            try await test.service.advanceClock(of: made.tenant, to: test.clock.now())
            for work in [DueWork.periods, .holds, .days] { #expect(try isDue(work) == ["shop": true, "test": true], "\(work)") }
            _ = try await test.run("rollover")
            #expect(try isDue(.periods) == ["shop": false, "test": false])
            #expect(
                try test.store.blockingRead { try Shops.due([.periods], at: test.clock.now(), after: made.tenant.shop, limit: 10, $0) }
                    .isEmpty)
        }
    }
}
