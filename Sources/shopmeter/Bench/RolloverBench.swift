internal import BSON
internal import Metering
internal import Mongo
internal import Service
internal import Store

/// Rolls over many accounts, half of them subscribed, beside an event every 50 ms; then does the bare updates of the same documents.
struct RolloverBench {
    struct Result {
        let accounts: Int
        let rollover: Duration
        let bare: Duration
        let slowestEvent: Duration

        /// The rollover's rate over the rate of the bare updates.
        var ratio: Double { bare / rollover }
    }

    let store: MeterStore
    let database: Database
    let settings: Settings
    let accounts: Int

    static let start = Timestamp(milliseconds: 1_790_000_000_000)
    private static let copy = "bench_bare"
    private static let page = 500

    func run() async throws -> Result {
        let due = StandingClock(time: Self.start.adding(days: 31))
        let shop = try await makeShop()
        try await fill(shop)
        try await database.run { connection in
            _ = try connection.command(["aggregate": "token_usage", "pipeline": [["$out": .string(Self.copy)]], "cursor": [:]])
        }
        let service = ShopMeter(store: store, clock: due, settings: settings)
        defer { service.drain() }
        let events = Task { try await Self.record(through: service, of: shop) }
        let begun = ContinuousClock.now
        let closed = try await service.withLease(of: "rollover") { try await service.closeDuePeriods(under: $0) }
        let rollover = ContinuousClock.now - begun
        events.cancel()
        let slowest = try await events.value
        guard closed?.users == accounts else { throw Failure("\(closed?.users ?? 0) of \(accounts) accounts were rolled over.") }
        return Result(accounts: accounts, rollover: rollover, bare: try await updateBare(), slowestEvent: slowest)
    }

    private func makeShop() async throws -> Tenant {
        let service = ShopMeter(store: store, clock: StandingClock(time: Self.start), settings: settings)
        defer { service.drain() }
        let made = try await service.createShop(
            id: ShopID(stored: "bench"), name: "Bench", currency: Currency(stored: "EUR"), clock: .live)
        return made.shop.tenant
    }

    private func fill(_ tenant: Tenant) async throws {
        let free = settings.freePlan(currency: Currency(stored: "EUR"))
        for first in stride(from: 0, to: accounts, by: Self.page) {
            let ledgers = try (first..<min(first + Self.page, accounts)).map { try Self.ledger($0, free: free) }
            try await store.transaction { transaction in
                try Accounts.save(ledgers.map { AccountChange(tenant: tenant, before: nil, after: $0.account) }, in: transaction)
                for ledger in ledgers {
                    if let subscription = ledger.subscription { try Subscriptions.insert(subscription, of: tenant, in: transaction) }
                }
            }
        }
    }

    /// A user with twenty days of use; every second one is subscribed.
    private static func ledger(_ number: Int, free: Plan) throws -> BillingState {
        let user = UserID(stored: "user-\(number)")
        var account = Account.opened(for: user, free: free, at: start)
        account.period = Period(start: start, end: start.adding(days: 30))
        var ledger = BillingState(account: account, subscription: nil)
        if number % 2 == 0 {
            let subscription = Subscription.created(
                id: Subscriptions.newID(), user: user, plan: free, cycle: .days(30), by: .command, at: start)
            ledger.start(subscription, at: start, free: free)
        }
        for day in 0..<20 {
            _ = try ledger.account.record(UsageContent(amount: 100), at: start.adding(days: day), enforce: false)
        }
        return ledger
    }

    /// The slowest of the events that were recorded until it was canceled.
    private static func record(through service: ShopMeter, of tenant: Tenant) async throws -> Duration {
        var slowest = Duration.zero
        while !Task.isCancelled {
            let begun = ContinuousClock.now
            let command = UsageCommand(
                tenant: tenant, user: UserID(stored: "meanwhile"), event: try service.newEventID(), content: UsageContent(amount: 1))
            _ = try await service.recordUsage(command)
            slowest = max(slowest, ContinuousClock.now - begun)
            try? await Task.sleep(for: .milliseconds(50))
        }
        return slowest
    }

    /// Makes the copies what the rolled over documents are, by bulk updates and nothing else; only these are timed.
    private func updateBare() async throws -> Duration {
        var spent = Duration.zero
        var last: Value = [:]
        while true {
            let after = last
            let (writes, next) = try await database.run { connection in
                let page = try connection.find("token_usage", ["_id": ["$gt": after]], sort: ["_id": 1], limit: Self.page)
                return (page.map(Self.update), page.last?["_id"])
            }
            guard let next else { return spent }
            let begun = ContinuousClock.now
            try await database.run { _ = try $0.bulk(Self.copy, writes, ordered: false) }
            spent += ContinuousClock.now - begun
            last = next
        }
    }

    private static func update(_ document: Document) -> BulkWrite {
        let names = [
            "version", "current_period_start", "current_period_end", "period_number", "meters", "daily_usage", "monthly_summary",
        ]
        return .updateOne(
            filter: ["_id": document["_id"] ?? .null],
            update: ["$set": .document(Document(names.map { ($0, document[$0] ?? .null) }))])
    }
}

/// A clock that stands.
private struct StandingClock: Metering.Clock {
    let time: Timestamp

    func now() -> Timestamp { time }
}
