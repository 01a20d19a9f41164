import Foundation
import Metering
import Mongo
import Service
import Store
import StoreSupport
import Support
import Testing

@testable import shopmeter

/// A shop that moves here with its past.
@Suite struct MigrationTests {
    private static let start = "2027-01-15T00:00:00Z"

    /// A test shop whose clock stands a year later, with a plan of 100 tokens of which 50 are carried over, and overage that is billed.
    private func withShop(_ body: (Migrated) async throws -> Void) async throws {
        try await withTestStore { store, database in
            let service = ShopMeter(store: store, settings: Settings(adminToken: ""))
            defer { service.drain() }
            let made = try await service.createShop(id: ShopID(stored: "lab"), name: "Lab", currency: Currency(stored: "USD"), clock: .test)
            let tenant = made.shop.tenant
            let now = try #require(Timestamp(rfc3339: "2028-01-20T00:00:00Z"))
            try await service.advanceClock(of: tenant, to: now)
            var plan = Plan(
                name: PlanName(stored: "pro"), displayName: "Pro", monthlyFee: Money(units: 9 * Money.unitsPerOne),
                currency: Currency(stored: "USD"), allowances: [.tokens: .of(100)], rolloverCaps: [.tokens: 50])
            plan.overagePrices = [.tokens: Money(units: Money.unitsPerOne)]
            _ = try await service.putPlan(plan, of: tenant)
            try await body(Migrated(service: service, store: store, tenant: tenant))
        }
    }

    private struct Migrated {
        let service: ShopMeter
        let store: MeterStore
        let tenant: Tenant
        let user = UserID(stored: "a")

        func subscribe() async throws {
            let start = try #require(Timestamp(rfc3339: MigrationTests.start))
            try await withFile("user,plan\na,pro\n") { file in
                let options = ["shop": "lab", "csv": file, "user-column": "user", "plan-column": "plan"]
                let importer = SubscriptionImporter(service: service, start: start)
                let summary = try await importer.run(SubscriptionImportOptions(Arguments(options: options)))
                #expect(summary.recorded == 1)
            }
        }

        private func importer(_ file: String, _ more: [String: String]) throws -> Importer {
            var options = ["shop": "lab", "csv": file]
            options.merge(more) { $1 }
            return Importer(service: service, options: try ImportOptions(Arguments(options: options)))
        }

        func record(_ text: String, _ more: [String: String] = MigrationTests.columns) async throws -> ImportSummary {
            try await record(Data(text.utf8), more)
        }

        func record(_ data: Data, _ more: [String: String] = MigrationTests.columns) async throws -> ImportSummary {
            let file = FileManager.default.temporaryDirectory.path + "/shopmeter-\(UInt64.random(in: 0 ... .max)).log"
            try data.write(to: URL(fileURLWithPath: file))
            defer { try? FileManager.default.removeItem(atPath: file) }
            return try await importer(file, more).run()
        }

        func preview(_ text: String) async throws -> ImportPreview {
            var preview = ImportPreview()
            try await withFile(text) { preview = try await importer($0, MigrationTests.columns).preview() }
            return preview
        }

        func open(_ text: String, _ more: [String: String] = [:]) async throws -> String {
            var printed = ""
            try await withFile(text) { file in
                let fields = text.contains(";") ? ["decimal": ",", "thousands": "."] : [:]
                let options = ["shop": "lab", "csv": file].merging(fields) { $1 }.merging(more) { $1 }
                let importer = BalanceImporter(service: service, options: try BalanceImportOptions(Arguments(options: options)))
                printed = try await importer.run().text(isDryRun: options["dry-run"] != nil)
            }
            return printed
        }

        func account() async throws -> Account { try await service.usage(of: user, in: tenant).account }

        func expectNoDifferences() async throws {
            let done = try await service.audit(of: tenant.shop, found: { Issue.record("\($0)") }, progress: { _ in })
            #expect(done.differences == 0)
        }
    }

    private static let columns = ["time-column": "time", "amount-columns": "n", "user-column": "user"]

    private static let year = """
        time,user,n
        2027-01-20,a,bad
        2027-01-20 10:00:00,a,30
        2027-02-20 10:00:00,a,120
        2027-03-20 10:00:00,a,500
        2027-03-21 10:00:00,a,1
        2027-12-31 10:00:00,a,70
        2028-01-16 10:00:00,a,40
        2028-02-01 10:00:00,a,5

        """

    @Test func `Each row counts in the period of its own time: nobody is in debt, and nothing is billed`() async throws {
        try await withShop { shop in
            try await shop.subscribe()
            let preview = try await shop.preview(Self.year)
            #expect(preview.users == 1 && preview.summary.recorded == 6 && preview.text.contains("allowance in the present period: 0"))
            #expect(try await shop.account().lifetime == Totals())
            let first = try await shop.record(Self.year)
            #expect(first.recorded == 6 && first.rejected == 2, "\(first.text)")
            #expect(first.text.contains("a time that has passed by the shop's clock"))
            let account = try await shop.account()
            #expect(account.summaries.map(\.totals.tokens) == [30, 120, 501, 0, 0, 0, 0, 0, 0, 0, 0, 70])
            #expect(account.summaries.map { $0.meters[0].carriedOver } == [50, 30, 0, 50, 50, 50, 50, 50, 50, 50, 50, 50])
            #expect(account.tokens.used == 40 && account.tokens.rollover == 50 && account.lifetime.tokens == 761)
            let invoices = try await shop.service.page(of: InvoiceList(of: nil, status: nil), in: shop.tenant, after: nil, limit: 10)
            #expect(invoices.isEmpty)
            try await shop.expectNoDifferences()
            let again = try await shop.record(Self.year.replacingOccurrences(of: "\n", with: "\r\n"))
            #expect(again.recorded == 0 && again.duplicates == 6)
            let grown = try await shop.record(Self.year + "2027-06-20 10:00:00,a,10\n2028-01-16 10:00:00,a,40\n")
            #expect(grown.recorded == 2 && grown.duplicates == 6)
            #expect(try await shop.account().summaries[5].totals.tokens == 10)
            try await shop.expectNoDifferences()
        }
    }

    @Test func `History alone changes no balance, and is found again`() async throws {
        try await withShop { shop in
            try await shop.subscribe()
            let before = try await shop.account()
            let summary = try await shop.record(Self.year, Self.columns.merging(["history-only": ""]) { $1 })
            #expect(summary.recorded == 6)
            let after = try await shop.account()
            #expect(after.meters == before.meters && after.summaries == before.summaries && after.lifetime == Totals())
            let list = EventList(of: shop.user, in: TimeRange(from: nil, to: nil), meter: nil)
            #expect(try await shop.service.page(of: list, in: shop.tenant, after: nil, limit: 10).count == 6)
            try await shop.expectNoDifferences()
        }
    }

    @Test func `A user without a subscription gets the months of the free plan, and earlier rows in a later file are refused`() async throws
    {
        try await withShop { shop in
            let rows = "time,user,n\n2027-11-20 10:00:00,a,30\n2027-12-20 10:00:00,a,120\n2028-01-16 10:00:00,a,40\n"
            #expect(try await shop.record(rows).recorded == 3)
            #expect(try await shop.account().summaries.map(\.totals.tokens) == [30, 120])
            let earlier = try await shop.record("time,user,n\n2027-10-20 10:00:00,a,1\n")
            #expect(earlier.rejected == 1 && earlier.text.contains("--history-only"), "\(earlier.text)")
            try await shop.expectNoDifferences()
        }
    }

    @Test func `Lines of JSON, CloudEvents, semicolons and gzip are read`() async throws {
        try await withShop { shop in
            let lines = """
                {"time":"2028-01-16T10:00:00Z","user":"a","data":{"n":1.0e1},"kind":"x"}

                {"time":"2028-01-16T10:00:00Z","user":"a","data":{"n":7},"kind":"y"}
                nonsense
                """
            let json = try await shop.record(
                lines, ["time-column": "time", "amount-columns": "data.n", "user-column": "user", "dimension-columns": "kind"])
            #expect(json.recorded == 1 && json.text.contains("something else than a JSON object"), "\(json.text)")
            let event =
                #"{"specversion":"1.0","id":"1","source":"/s","type":"t","subject":"a","time":"2028-01-16T10:00:00Z","data":{"n":3}}"#
            for expected in [1, 0] {
                #expect(try await shop.record(event, ["cloudevents": "", "amount-columns": "data.n"]).recorded == expected)
            }
            let table = "time;user;n\n2028-01-16 10:00;a;1.234,0\n"
            let european = Self.columns.merging(["decimal": ",", "thousands": "."]) { $1 }
            #expect(try await shop.record(table, european).amount == 1_234)
            let packed = try #require(Data(base64Encoded: Self.gzip))
            #expect(try await shop.record(packed).amount == 42)
            #expect(try await shop.account().lifetime.tokens == 7 + 3 + 1_234 + 42)
            await #expect(throws: UsageError.self) { try await shop.record("time,user,n,n\n2028-01-16,a,1,2\n") }
            await #expect(throws: Failure.self) { try await shop.record(packed.dropLast(9)) }
        }
    }

    /// `time,user,n` and a row of 42, as Python's gzip makes it.
    private static let gzip = "H4sIAAAAAAACAyvJzE3VKS1OLdLJ4zIyMLLQNTDUNTRTMDSwMgAhnUQdEyMuAEferkclAAAA"

    @Test func `Balances are opened once, a dry run changes nothing, and the audit holds them against their entries`() async throws {
        try await withShop { shop in
            try await shop.subscribe()
            let file = """
                user_id;meter;rollover;purchased;credit;wallet;project_id
                a;;40;1.000;12,50;7,25;
                a;pages;;3;;;
                b;;-5;;;;
                a;;;;;100;site
                a;;;;;-1;
                b;;;;3;;
                a;;40;1.000;12,50;7,25;
                c;;;;;;
                """
            let dry = try await shop.open(file, ["dry-run": ""])
            let counts = [
                "rows: 8", "recorded: 4", "duplicates: 1", "rejected: 3", "users: 2", "rollover: 35", "purchased: 1003", "credit: 12.50",
            ]
            #expect(counts.allSatisfy(dry.contains) && dry.hasPrefix("nothing was stored"), "\(dry)")
            #expect(try await shop.account().tokens.purchased == 0)
            let done = try await shop.open(file)
            #expect(counts.allSatisfy(done.contains) && done.contains("line 6: ") && done.contains("wallets: 107.25"), "\(done)")
            #expect(done.contains("line 7: The user b has no subscription"), "\(done)")
            let tokens = try await shop.account().tokens
            #expect(tokens.rollover == 50 + 40 && tokens.purchased == 1_000 && tokens.remaining == 1_190)
            let (user, project) = (WalletOwner.user(shop.user), WalletOwner.project(ProjectID(stored: "site")))
            #expect(try await shop.service.wallet(of: user, in: shop.tenant).balance.text == "7.25")
            #expect(try await shop.service.wallet(of: project, in: shop.tenant).balance.text == "100.00")
            #expect(try await shop.service.subscription(of: shop.user, in: shop.tenant).subscription.creditBalance.text == "12.50")
            let again = try await shop.open(file)
            #expect(again.contains("recorded: 0") && again.contains("duplicates: 5") && again.contains("rollover: 0"), "\(again)")
            let other = try await shop.open("user_id,rollover\na,41\n")
            #expect(other.contains("rejected: 1") && other.contains("was opened with a rollover of 40 before"), "\(other)")
            try await shop.expectNoDifferences()
            await #expect(throws: UsageError.self) { try await shop.open("user_id,plan\na,pro\n") }
            let late = try await shop.record("time,user,n\n2027-11-20 10:00:00,b,30\n")
            #expect(late.rejected == 1 && late.text.contains("--history-only"), "\(late.text)")
            try await shop.expectNoDifferences()
        }
    }

    @Test func `A row's own id decides, and other content under it is refused by its line`() async throws {
        try await withShop { shop in
            let options = Self.columns.merging(["id-column": "id"]) { $1 }
            #expect(try await shop.record("id,time,user,n\nr|1,2028-01-16 10:00:00,a,10\n", options).recorded == 1)
            let other = try await shop.record("id,time,user,n\nr|1,2028-01-16 10:00:00,a,10\nr|1,2028-01-16 10:00:00,a,11\n", options)
            #expect(other.duplicates == 1 && other.rejected == 1 && other.text.contains("line 3"))
        }
    }
}
