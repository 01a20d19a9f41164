import Foundation
import JSON
import Metering
import Mongo
import Service
import Store
import StoreSupport
import Support
import Testing

@testable import shopmeter

@Suite struct AuditCommandTests {
    @Test func `The exit code tells whether there are differences, and the report has a line for each`() async throws {
        try await withAudit { test in
            #expect(await test.run([]) == 0)
            #expect(await test.run(["--shop", "good", "--repair-report", test.report]) == 0)
            #expect(try test.reported() == "")
            try test.damage("u", of: "bad") { $0.meters[0].used += 3 }
            try test.damage("v", of: "bad") { $0.lifetime.queries = 0 }
            #expect(await test.run(["--shop", "good", "--repair-report", test.report]) == 0)
            #expect(try test.reported() == "")
            #expect(await test.run(["--repair-report", test.report]) == 1)
            let lines = try test.reported()
            #expect(
                lines == """
                    {"shop_id":"bad","user_id":"u","field":"tokens.used","expected":"5","actual":"8"}
                    {"shop_id":"bad","user_id":"v","field":"total_queries","expected":"1","actual":"0"}

                    """)
        }
    }

    @Test func `An audit that fails leaves no report`() async throws {
        try await withAudit { test in
            #expect(await test.run(["--shop", "nobody", "--repair-report", test.report]) == 1)
            #expect(await test.run(["--shop", "no body"]) == 2)
            #expect(await test.run(["--repair-report", test.directory + "/missing/report"]) == 1)
            let left = try FileManager.default.contentsOfDirectory(atPath: test.directory)
            #expect(left == [])
        }
    }

    @Test func `A difference is a line, and so is the end`() {
        let finding = AuditFinding(
            shop: ShopID(stored: "acme"), user: UserID(stored: "ada"),
            difference: AuditDifference("daily_usage 2026-11-02 tokens", expected: "7", actual: "0"))
        #expect(AuditText.line(of: finding) == "acme ada daily_usage 2026-11-02 tokens: expected 7, is 0")
        let project = AuditFinding(
            shop: ShopID(stored: "acme"), owner: .project(ProjectID(stored: "p")),
            difference: AuditDifference("wallet.balance", expected: "7.00", actual: "0.00"))
        #expect(AuditText.line(of: project) == "acme project p wallet.balance: expected 7.00, is 0.00")
        let json = AuditText.json(of: project).description
        #expect(json == #"{"shop_id":"acme","project_id":"p","field":"wallet.balance","expected":"7.00","actual":"0.00"}"#)
        let gap = AuditFinding(
            shop: ShopID(stored: "acme"), owner: nil, difference: AuditDifference("invoices of 202611", expected: "2", actual: "1"))
        #expect(AuditText.line(of: gap) == "acme invoices of 202611: expected 2, is 1")
        var done = AuditProgress()
        #expect(AuditText.summary(of: done) == "0 accounts, 0 events, 0 wallets, 0 differences")
        (done.accounts, done.events, done.wallets, done.differences) = (1, 1, 1, 1)
        #expect(AuditText.summary(of: done) == "1 account, 1 event, 1 wallet, 1 difference")
    }
}

/// Two shops with two users each, and a directory for a report.
private struct AuditTest {
    let environment: [String: String]
    let store: MeterStore
    let tenants: [String: Tenant]
    let directory: String

    var report: String { directory + "/report" }

    func run(_ arguments: [String]) async -> Int32 { await Program(environment: environment).run(["audit"] + arguments) }

    func reported() throws -> String { try String(contentsOfFile: report, encoding: .utf8) }

    /// Stores an account as no rule would make it.
    func damage(_ user: String, of shop: String, _ body: (inout Account) -> Void) throws {
        let tenant = try #require(tenants[shop])
        try store.blockingTransaction { transaction in
            let before = try #require(try Accounts.find(UserID(stored: user), of: tenant, transaction))
            var after = before
            body(&after)
            try Accounts.save([AccountChange(tenant: tenant, before: before, after: after, at: before.period.start)], in: transaction)
        }
    }
}

private func withAudit(_ body: (AuditTest) async throws -> Void) async throws {
    try await withTestStore { store, database in
        let service = ShopMeter(store: store, settings: Settings(adminToken: ""))
        defer { service.drain() }
        var tenants: [String: Tenant] = [:]
        for name in ["bad", "good"] {
            let made = try await service.createShop(
                id: ShopID(stored: name), name: name, currency: Currency(stored: "USD"), clock: .live)
            tenants[name] = made.shop.tenant
            for user in ["u", "v"] {
                let command = UsageCommand(
                    tenant: made.shop.tenant, user: UserID(stored: user), event: EventID(stored: "e"), content: UsageContent(amount: 5))
                _ = try await service.recordUsage(command)
            }
        }
        let environment = ["SHOPMETER_MONGODB_URI": try TestDatabase.uri(), "SHOPMETER_DATABASE": database.name]
        try await withDirectory { directory in
            try await body(AuditTest(environment: environment, store: store, tenants: tenants, directory: directory))
        }
    }
}
