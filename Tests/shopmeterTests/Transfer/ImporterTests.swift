import Foundation
import Metering
import Mongo
import Service
import Store
import StoreSupport
import Support
import Testing

@testable import shopmeter

@Suite struct ImporterTests {
    private static let header = "time,user,input,output\n"

    @Test func `Every good row is recorded once, however often the file is imported`() async throws {
        try await withImport(Self.header + "2026-01-01 00:00:00,a,10,1\n2026-01-01 01:00:00,b,5,x\n2026-01-02 00:00:00,a,7,2\n") { test in
            let first = try await test.run(["shift-to": "now"])
            #expect(first.counts == [2, 0, 1])
            #expect(first.amount == 20)
            #expect(first.text.contains("line 3: an amount that is not a whole number from 0 to 9007199254740991"))
            let second = try await test.run(["shift-to": "now"])
            #expect(second.counts == [0, 2, 1])
            #expect(second.amount == 20)
            #expect(try await test.lifetime("a") == [20, 2])
        }
    }

    @Test func `The account that an import opens has the file's months, a row a day as the stretch puts them`() async throws {
        try await withImport(Self.header + "2026-01-01 00:00:00,a,1,0\n2026-01-01 00:01:00,a,2,0\n2026-01-01 00:02:00,a,4,0\n") { test in
            _ = try await test.run(["stretch": "1440", "shift-to": "2026-03-01T12:00:00Z"])
            let account = try await test.account("a")
            #expect(account.daily.isEmpty && account.lifetime == Totals(tokens: 7, queries: 3, peak: 4))
            let months = account.summaries.prefix(2)
            #expect(months.map(\.totals.tokens) == [3, 4] && months.map(\.period.start.day.iso) == ["2026-02-01", "2026-03-01"])
            let closes = try await test.store.read { [tenant = test.tenant] in try PeriodCloses.all(of: UserID(stored: "a"), in: tenant, $0)
            }
            #expect(closes[0].days.map(\.day.iso) == ["2026-02-27", "2026-02-28"] && closes[1].days.map(\.totals.tokens) == [4])
            #expect(try await test.differences() == 0)
        }
    }

    @Test func `The same file with other options is refused, and nothing changes`() async throws {
        try await withImport(Self.header + "2026-01-01 00:00:00,a,1,0\n") { test in
            _ = try await test.run(["shift-to": "now"])
            for options in [["shift-to": "now", "stretch": "2"], [:], ["shift-to": "now", "amount-columns": "input"]] {
                await #expect(throws: ServiceError.self) { try await test.run(options) }
            }
            #expect(try await test.lifetime("a") == [1, 1])
        }
    }

    @Test func `Rows without users are spread, and their sum is the file's`() async throws {
        let rows = (0..<2_500).map { "\(1_767_225_600 + $0),,\($0),1\n" }.joined()
        try await withImport(Self.header + rows) { test in
            let summary = try await test.run(["users": "7", "shift-to": "now"], without: "user-column")
            #expect(summary.recorded == 2_500)
            var sum: Quantity = 0
            for user in 1...7 { sum += try await test.lifetime("user-\(user)")[0] }
            #expect(sum == 3_126_250)
            #expect(summary.amount == Int128(sum))
        }
    }

    @Test func `A column that is not there is named with those that are`() async throws {
        try await withImport(Self.header) { test in
            let error = await #expect(throws: UsageError.self) { try await test.run(["time-column": "when"]) }
            #expect(error?.sentence.hasSuffix("has no column \"when\"; it has time, user, input, output.") == true)
        }
    }

    @Test func `A file without a good row records nothing, and one without a header is refused`() async throws {
        try await withImport(Self.header + "x,a,1,1\n2026-01-01 00:00:00,a\n") { test in
            let summary = try await test.run([:])
            #expect(summary.counts == [0, 0, 2])
            #expect(summary.text.contains("line 3: 2 fields where the header has 4"))
        }
        try await withImport("") { test in
            await #expect(throws: UsageError.self) { try await test.run([:]) }
        }
    }

    @Test func `Of a thousand bad rows, twenty are shown`() async throws {
        try await withImport(Self.header + String(repeating: "x,a,1,1\n", count: 1_000)) { test in
            let summary = try await test.run([:])
            #expect(summary.text.split(separator: "\n").filter { $0.hasPrefix("line ") }.count == 20)
            #expect(summary.text.contains("rejected, 1000 times: a time that is not"))
        }
    }

    @Test func `Subscribers begin in the past, stay as they are the second time, and their usage falls into their days`() async throws {
        let now = SystemClock().now()
        let start = now.adding(days: -10)
        try await withImport("user,plan\na,free\nb,gold\nc\u{7F}d,free\n") { test in
            _ = try await test.service.putPlan(Settings(adminToken: "").freePlan(currency: Currency(stored: "USD")), of: test.tenant)
            for run in 1...2 {
                let summary = try await test.subscribe(from: start)
                #expect(summary.counts == (run == 1 ? [1, 0, 2] : [0, 1, 2]))
            }
            let view = try await test.service.subscription(of: UserID(stored: "a"), in: test.tenant)
            #expect(view.subscription.period.start == start)
        }
        try await withImport(Self.header + "\(now.adding(days: -3).rfc3339),a,4,0\n") { test in
            _ = try await test.run([:])
            let usersFile = try test.write("user,plan\na,free\n")
            let summary = try await test.subscribe(from: start, file: usersFile)
            #expect(summary.text.contains("line 2: a user who has usage already and cannot begin in the past"))
        }
    }

    @Test func `What was before an import is not billed, and the period in which it falls is`() async throws {
        let now = SystemClock().now()
        try await withImport("user,plan\na,pro\n") { test in
            let currency = Currency(stored: "USD")
            let plan = Plan(
                name: PlanName(stored: "pro"), displayName: "Pro", monthlyFee: Money(units: 9 * Money.unitsPerOne), currency: currency,
                allowances: [.tokens: .of(1_000)])
            _ = try await test.service.putPlan(plan, of: test.tenant)
            #expect(try await test.subscribe(from: now.adding(days: -100)).counts == [1, 0, 0])
            let user = UserID(stored: "a")
            let present = try await test.service.subscription(of: user, in: test.tenant).subscription.period
            #expect(present.start > now.adding(days: -32) && present.end > now)
            #expect(try await test.service.page(of: InvoiceList(of: user, status: nil), in: test.tenant, after: nil, limit: 10).isEmpty)
            let clock = StandingClock(time: present.end)
            let later = ShopMeter(store: test.store, clock: clock, settings: Settings(adminToken: ""))
            defer { later.drain() }
            _ = try await later.closePeriods(of: [user], in: test.tenant, at: present.end, lease: nil)
            let invoices = try await test.service.page(of: InvoiceList(of: user, status: nil), in: test.tenant, after: nil, limit: 10)
            #expect(invoices.map(\.total.text) == ["9.00"])
        }
    }
}

extension ImportSummary {
    /// Recorded, duplicates, rejected.
    fileprivate var counts: [Int] { [recorded, duplicates, rejected] }
}

/// A shop on a database of its own, and a file to import.
private struct ImportTest {
    let store: MeterStore
    let service: ShopMeter
    let tenant: Tenant
    let file: String

    func run(_ options: [String: String], without missing: String = "") async throws -> ImportSummary {
        var all = ["shop": "shop", "csv": file, "time-column": "time", "user-column": "user", "amount-columns": "input,output"]
        all.merge(options) { $1 }
        all[missing] = nil
        return try await Importer(service: service, options: ImportOptions(Arguments(options: all))).run()
    }

    func subscribe(from start: Timestamp, file path: String? = nil) async throws -> ImportSummary {
        let importer = SubscriptionImporter(service: service, start: start)
        let options = ["shop": "shop", "csv": path ?? file, "user-column": "user", "plan-column": "plan", "start": start.rfc3339]
        return try await importer.run(SubscriptionImportOptions(Arguments(options: options)))
    }

    /// What an audit of the shop finds.
    func differences() async throws -> Int {
        try await service.audit(of: tenant.shop, found: { Issue.record("\($0)") }, progress: { _ in }).differences
    }

    func account(_ user: String) async throws -> Account { try await service.usage(of: UserID(stored: user), in: tenant).account }

    /// The tokens and the queries of the user's lifetime.
    func lifetime(_ user: String) async throws -> [Quantity] {
        let totals = try await account(user).lifetime
        return [totals.tokens, totals.queries]
    }

    func write(_ text: String) throws -> String {
        let path = file + ".more"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }
}

private func withImport(_ text: String, _ body: (ImportTest) async throws -> Void) async throws {
    try await withTestStore { store, database in
        let service = ShopMeter(store: store, settings: Settings(adminToken: ""))
        defer { service.drain() }
        let made = try await service.createShop(id: ShopID(stored: "shop"), name: "Shop", currency: Currency(stored: "USD"), clock: .live)
        try await withFile(text) { try await body(ImportTest(store: store, service: service, tenant: made.shop.tenant, file: $0)) }
    }
}
