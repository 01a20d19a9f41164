import BSON
import Metering
import Mongo
import Service
import ServiceSupport
import Store
import Support
import Synchronization
import Testing

@testable import Jobs

/// One shop or user whose part of a job fails holds no other up.
@Suite struct IsolationTests {
    private static let january: Timestamp = Timestamp(rfc3339: "2027-01-10T00:00:00Z") ?? Timestamp(milliseconds: 0)

    @Test func `An account that cannot be stored holds up neither its shop nor the shops behind it`() async throws {
        try await withTwoShops { test, behind in
            for user in ["a", "b", "c", "d", "e"] { _ = try await test.service.recordUsage(test.command(user, "e", 5)) }
            _ = try await test.service.recordUsage(Self.command(behind, "z"))
            try await test.breakAccount(of: "c")
            test.clock.move(to: "2027-01-10T00:00:00Z")
            let runner = JobRunner(service: test.service)
            let report = try await done(runner.turn(of: .rollover))
            #expect((report.counts["failed"], report.counts["shops"]) == (1, 2))
            #expect(report.failures.map(\.subject) == [JobFailure.Subject(shop: test.tenant.shop, user: UserID(stored: "c"))])
            for user in ["a", "b", "d", "e"] { #expect(try await test.periodNumber(of: user, in: test.tenant) == 3) }
            #expect(try await test.periodNumber(of: "z", in: behind) == 3)
            #expect(try await test.periodNumber(of: "c", in: test.tenant) == 1)
            let failed = try await failures(of: "rollover", runner)
            #expect(failed.map(\.error) == ["a document cannot be stored, or cannot be read, as it is"])
            #expect(failed.map(\.since) == [Self.january] && failed.map(\.next) == [Self.january.adding(milliseconds: 10_000)])
            #expect(runner.stuck == 1)
        }
    }

    @Test func `What failed waits alone, twice as long each time, and is forgotten when it works`() async throws {
        try await withTwoShops { test, _ in
            for user in ["a", "b"] { _ = try await test.service.recordUsage(test.command(user, "e", 5)) }
            try await test.breakAccount(of: "a")
            test.clock.move(to: "2027-01-10T00:00:00Z")
            // Another instance knows what this one found.
            for (runner, second, count) in [(JobRunner(service: test.service), 0, 1), (JobRunner(service: test.another()), 10, 2)] {
                test.clock.move(to: Self.january.adding(milliseconds: Int64(second) * 1_000).rfc3339)
                #expect(try await done(runner.turn(of: .rollover)).counts["failed"] == 1)
                #expect(try await done(runner.turn(of: .rollover)).counts["failed"] == 0, "it waits")
                #expect(try await failures(of: "rollover", runner).map(\.count) == [count])
            }
            try await test.mendAccount(of: "a")
            let runner = JobRunner(service: test.service)
            #expect(try await done(runner.turn(of: .rollover)).counts["periods_closed"] == 0, "it waits for 20 seconds")
            #expect(try await runner.run(.rollover)?.counts["periods_closed"] == 2, "an operator who mended it does not wait")
            #expect(try await failures(of: "rollover", runner) == [])
            #expect(runner.stuck == 0)
        }
    }

    @Test func `A shop whose numbers cannot be added up holds up no other shop's`() async throws {
        try await withTwoShops { test, behind in
            _ = try await test.service.recordUsage(test.command("a", "e", 5))
            _ = try await test.service.recordUsage(Self.command(behind, "z"))
            try await test.database.run { connection in
                _ = try connection.command(["collMod": "token_usage", "validationLevel": "off"])
                _ = try connection.update("token_usage", ["_id.user_id": "a"], ["$set": ["meters": "none"]])
            }
            let runner = JobRunner(service: test.service)
            let report = try await done(runner.turn(of: .analytics))
            #expect((report.counts["failed"], report.counts["days_kept"]) == (1, 1))
            #expect(try await failures(of: "analytics", runner).map(\.subject) == [.init(shop: test.tenant.shop, user: nil)])
        }
    }

    @Test func `A hold, an invoice or a quota that cannot be stored holds up no other one`() async throws {
        try await withTwoShops { test, _ in
            for user in ["a", "b"] {
                _ = try await test.subscribe(user, to: TestService.pro)
                let hold = ReservationRequest(
                    id: ReservationID(stored: "r-\(user)"), user: UserID(stored: user), meter: .tokens, amount: 5, seconds: 60)
                _ = try await test.service.holdReservation(hold, for: test.tenant)
            }
            test.clock.move(to: "2026-12-30T00:00:00Z")
            _ = try await test.run("rollover")
            test.clock.move(to: "2027-01-25T00:00:00Z")
            try await test.database.run { connection in
                _ = try connection.command(["collMod": "token_usage", "validationLevel": "off"])
                _ = try connection.update("token_usage", ["_id.user_id": "a"], ["$set": ["meters": "none"]])
                _ = try connection.command(["collMod": "invoices", "validationLevel": "off"])
                _ = try connection.update("invoices", ["user_id": "a"], ["$set": ["lines": "none"]])
            }
            let holds = try await test.run("expiry")
            #expect((holds?["reservations_expired"], holds?["failed"]) == (1, 1))
            let overdue = try await test.run("overdue")
            #expect((overdue?["invoices_overdue"], overdue?["failed"]) == (1, 1))
        }
    }

    @Test func `A scheduler that is stopped ends its turns before their next transaction`() async throws {
        try await withTestService { test in
            for user in 0..<40 { _ = try await test.service.recordUsage(test.command("u\(user)", "e", 5)) }
            test.clock.move(to: "2027-01-10T00:00:00Z")
            let turn = Task {
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                return await JobRunner(service: test.service).turn(of: .rollover)
            }
            guard case .stopped("rollover") = await turn.value else {
                Issue.record("the turn was not stopped")
                return
            }
            #expect(try await test.database.run { try $0.count("period_closes", [:]) } == 0)
            #expect(try await test.run("rollover")?["periods_closed"] == 80, "and the lease was given back")
        }
    }

    private static func command(_ tenant: Tenant, _ user: String) -> UsageCommand {
        UsageCommand(tenant: tenant, user: UserID(stored: user), event: EventID(stored: "e"), content: UsageContent(amount: 5))
    }

    private func done(_ outcome: JobOutcome) throws -> JobReport {
        guard case .done(let report) = outcome else { throw NotDone(outcome: outcome) }
        return report
    }

    private func failures(of job: String, _ runner: JobRunner) async throws -> [JobFailure] {
        try await runner.statuses().first { $0.job == job }?.failures ?? []
    }

    private struct NotDone: Error { let outcome: JobOutcome }

    /// With a second shop behind the first, in the order of a walk.
    private func withTwoShops(_ body: (TestService, Tenant) async throws -> Void) async throws {
        try await withTestService { test in
            let behind = try await test.service.createShop(
                id: ShopID(stored: "shop-z"), name: "Z", currency: Currency(stored: "EUR"), clock: .live)
            try await body(test, behind.shop.tenant)
        }
    }
}

extension TestService {
    /// Gives the account a balance that the database does not take, as a fault of ours could.
    fileprivate func breakAccount(of user: String) async throws { try await set(purchased: -1, of: user) }

    fileprivate func mendAccount(of user: String) async throws { try await set(purchased: 0, of: user) }

    private func set(purchased: Int64, of user: String) async throws {
        try await database.run { connection in
            _ = try connection.command(["collMod": "token_usage", "validationLevel": "off"])
            _ = try connection.update(
                "token_usage", ["_id.user_id": .string(user)], ["$set": ["meters.0.purchased": .int64(purchased)]])
            _ = try connection.command(["collMod": "token_usage", "validationLevel": "strict"])
        }
    }

    fileprivate func periodNumber(of user: String, in tenant: Tenant) async throws -> Int64? {
        let id: Value = ["shop_id": .string(tenant.shop.rawValue), "user_id": .string(user)]
        return try await database.run { try $0.findOne("token_usage", ["_id": id])?.int64("period_number") }
    }
}
