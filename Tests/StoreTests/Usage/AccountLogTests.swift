import BSON
import Metering
import Mongo
import Support
import Testing

@testable import Store

/// An account is its document and the events after it.
@Suite struct AccountLogTests {
    let tenant = Tenant(shop: ShopID(stored: "shop"))
    let user = UserID(stored: "u")

    /// An account in hand, with what was stored of it last.
    private struct Subject {
        let tenant: Tenant
        var stored: Account?
        var account: Account
        var events: [RecordedEvent] = []

        init(_ user: UserID, of tenant: Tenant) {
            self.tenant = tenant
            account = .opened(for: user, free: plan(tokens: 1_000), at: start)
        }

        mutating func record(_ amount: Quantity, of meter: Meter = .tokens, at time: Timestamp = start) throws {
            let content = UsageContent(meter: meter, amount: amount)
            let settlement = try account.record(content, at: time, enforce: false)
            account.version += 1
            let recordedAt = account.nextEntryTime(at: time)
            account.loggedAt = recordedAt
            events.append(
                RecordedEvent(
                    id: EventID(stored: "e\(account.version)"), user: account.user, content: content, at: time, recordedAt: recordedAt,
                    periodNumber: account.periodNumber, settlement: settlement, sequence: account.version))
        }

        /// Stores the events, and the document if it is to be.
        mutating func save(_ store: MeterStore, document: Bool, isStep: Bool = false) throws {
            let change = AccountChange(tenant: tenant, before: stored, after: account, step: isStep ? .balances : nil, at: start)
            try store.blockingTransaction { transaction in
                try UsageEvents.insert(events.map { (tenant, $0) }, in: transaction)
                if document { try Accounts.save([change], in: transaction) }
            }
            if document { account = change.stored }
            (stored, events) = (account, [])
        }
    }

    private func find(_ store: MeterStore) throws -> Account? { try store.blockingRead { try Accounts.find(user, of: tenant, $0) } }

    @Test func `Wherever the document stands, the account that is read is the one in hand`() async throws {
        try await withStore { store in
            var random = SplitMix(seed: 7)
            var subject = Subject(user, of: tenant)
            try subject.save(store, document: true, isStep: true)
            for step in 0..<150 {
                var isStep = false
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let meter = Bool.random(using: &random) ? Meter.tokens : Meter(stored: "calls.\(Int.random(in: 0...2, using: &random))")
                    try subject.record(
                        .random(in: 0...300, using: &random), of: meter,
                        at: subject.account.period.start.adding(days: .random(in: -2...35, using: &random)))
                }
                switch Int.random(in: 0...9, using: &random) {
                case 0:
                    subject.account.adopt(plan(tokens: .random(in: 1...9_000, using: &random)), subscription: nil)
                    isStep = true
                case 1:
                    subject.account.close(at: subject.account.period.end, opening: .calendarMonth(of: subject.account.period.end))
                    isStep = true
                default: break
                }
                try subject.save(store, document: isStep || step % 6 == 0, isStep: isStep)
                #expect(try find(store) == subject.account, "step \(step)")
            }
            #expect(subject.account.version > 150 && subject.account.periodNumber > 3)
        }
    }

    /// Event or step, on the same account as it was read.
    @Test(arguments: [(false, false), (false, true), (true, false), (true, true)])
    func `Of two who settle on one account, the second is refused and stores nothing`(first: Bool, second: Bool) async throws {
        try await withStore { store in
            var subject = Subject(user, of: tenant)
            try subject.record(1)
            try subject.save(store, document: true)
            let (read, other) = (subject, subject)
            func change(_ subject: Subject, isStep: Bool, _ amount: Quantity, _ id: String) throws {
                var subject = subject
                if isStep {
                    _ = try subject.account.purchase(
                        PurchaseContent(user: user, meter: .tokens, amount: amount), as: PurchaseID(stored: id), at: start)
                } else {
                    try subject.record(amount)
                    // Another event than the other's.
                    let event = subject.events[0]
                    subject.events[0] = RecordedEvent(
                        id: EventID(stored: id), user: user, content: event.content, at: event.at, recordedAt: event.recordedAt,
                        periodNumber: event.periodNumber, settlement: event.settlement, sequence: event.sequence)
                }
                try subject.save(store, document: isStep, isStep: isStep)
            }
            try change(read, isStep: first, 10, "a")
            let after = try find(store)
            let error = #expect(throws: StoreError.self) { try change(other, isStep: second, 20, "b") }
            #expect(error?.kind == .conflict || error?.kind == .duplicate)
            #expect(try find(store) == after)
        }
    }

    @Test func `A document that a step has overtaken since it was read is read again`() async throws {
        try await withStore { store in
            var subject = Subject(user, of: tenant)
            try subject.record(1)
            try subject.save(store, document: true)
            let old = try store.blockingRead { try $0.findOne("token_usage", [:]) }
            try subject.record(2)
            subject.account.meters[0].reserved = 5
            try subject.save(store, document: true, isStep: true)
            try subject.record(3)
            try subject.save(store, document: false)
            let read = try store.blockingRead { try Accounts.whole([#require(old)], $0) }
            #expect(read == [subject.account])
        }
    }

    @Test func `A log with a gap gives no account, and names whose it is`() async throws {
        try await withStore { store in
            var subject = Subject(user, of: tenant)
            try subject.save(store, document: true, isStep: true)
            for amount in 1...3 { try subject.record(Quantity(amount)) }
            try subject.save(store, document: false)
            #expect(try find(store) == subject.account)
            let deleted = try store.database.withConnection { try $0.deleteOne("usage_events", ["_id.event_id": "e3"]) }
            #expect(deleted == 1)
            let error = #expect(throws: StoreError.self) { _ = try find(store) }
            #expect(error?.kind == .invalid && error?.description.contains("u") == true)
        }
    }

    @Test func `No list, walk or export has steps`() async throws {
        try await withStore { store in
            var subject = Subject(user, of: tenant)
            for _ in 0..<3 {
                try subject.record(1)
                try subject.save(store, document: true, isStep: true)
            }
            try store.blockingRead { reading in
                #expect(try reading.count("usage_events", [:]) == 6)
                let list = EventList(of: user, in: TimeRange(), meter: nil)
                #expect(try list.page(of: tenant, after: nil, limit: 10, reading).count == 3)
                #expect(try RecordedEvent.page(of: tenant, after: nil, limit: 10, reading).count == 3)
                var walk = EventWalk(over: TimeRange(), of: user, in: tenant, step: 2)
                var sums = UsageBreakdownSums(of: .tokens, period: nil, by: try #require(UsageGrouping([])))
                while !walk.isOver { try walk.step(into: &sums, reading) }
                #expect(sums.total.count == 3)
            }
        }
    }

    @Test func `Accounts from before their logs were numbered go on at their versions, and a program of before changes none of them`()
        async throws
    {
        try await withTestDatabase { database in
            try SchemaListing.restore(SchemaListing.recorded(12), in: database)
            try database.withConnection { connection in
                for step in Migration.all.prefix(12) { _ = try SchemaVersion.note(step, connection) }
                for number in 0..<5 {
                    let account = Account.opened(for: UserID(stored: "u\(number)"), free: plan(tokens: 1_000), at: start)
                    var document = try account.document(of: tenant, version: 0)
                    document["sequence"] = nil
                    document["version"] = .int64(Int64(number) + 7)
                    try connection.insert("token_usage", [document])
                }
            }
            let store = MeterStore(database: database)
            try store.blockingWrite { writing in
                try Schema.ensure([Accounts.schema, UsageEvents.schema], on: writing)
                // As a program of before does it.
                let error = #expect(throws: MongoError.self) {
                    try writing.update("token_usage", ["_id.user_id": "u0"], ["$set": ["version": .int64(8)]])
                }
                #expect(error?.code == 121)
                try Accounts.number(writing, pageSize: 2)
            }
            try Migrator(database: database).run()
            for number in 0..<5 {
                var subject = Subject(UserID(stored: "u\(number)"), of: tenant)
                subject.account = try #require(try store.blockingRead { try Accounts.find(subject.account.user, of: tenant, $0) })
                #expect(subject.account.version == Int64(number) + 7 && subject.account.checkpoint == subject.account.version)
                subject.stored = subject.account
                try subject.record(5)
                try subject.save(store, document: number == 0)
                #expect(try store.blockingRead { try Accounts.find(subject.account.user, of: tenant, $0) } == subject.account)
            }
            #expect(try database.withConnection { try $0.count("token_usage", ["version": ["$exists": true]]) } == 0)
        }
    }
}
