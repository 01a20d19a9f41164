internal import BSON
internal import Jobs
internal import Metering
internal import Mongo
internal import Service
internal import Store

/// Measures the rollover of many accounts, half of them subscribed, while an event is recorded every 50 ms. Then it applies the same changes to
/// copies of the documents by bare bulk updates: the least that any rollover costs this database.
struct RolloverBench {
    struct Result {
        let accounts: Int
        /// How long the rollover took.
        let rollover: Duration
        /// How long the bare updates took.
        let bare: Duration
        /// The longest wait for an answer among the events meanwhile.
        let slowestEvent: Duration

        /// The rollover's rate divided by that of the bare updates.
        var ratio: Double { bare / rollover }
    }

    let store: MeterStore
    let database: Database
    let settings: Settings
    let accounts: Int

    static let start = Timestamp(milliseconds: 1_790_000_000_000)
    /// The collection of the copies.
    private static let copy = "bench_bare"
    /// Documents of one read or write.
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
        let users = try await JobRunner(service: service).run(.rollover)?.counts["users"]
        let rollover = ContinuousClock.now - begun
        events.cancel()
        let slowest = try await events.value
        guard users == accounts else { throw Failure("\(users ?? 0) of \(accounts) accounts were rolled over.") }
        return Result(accounts: accounts, rollover: rollover, bare: try await updateBare(), slowestEvent: slowest)
    }

    private func makeShop() async throws -> Tenant {
        let service = ShopMeter(store: store, clock: StandingClock(time: Self.start), settings: settings)
        defer { service.drain() }
        let made = try await service.createShop(
            id: ShopID(stored: "bench"), name: "Bench", currency: Currency(stored: "EUR"), clock: .live)
        return made.shop.tenant
    }

    /// Stores the accounts, with a period of 30 days that begins at `start`.
    private func fill(_ tenant: Tenant) async throws {
        let free = settings.freePlan(currency: Currency(stored: "EUR"))
        for first in stride(from: 0, to: accounts, by: Self.page) {
            let states = try (first..<min(first + Self.page, accounts)).map { try Self.state($0, free: free) }
            try await store.transaction { transaction in
                let changes = states.map {
                    AccountChange(tenant: tenant, before: nil, after: $0.account, step: .terms($0.subscription), at: Self.start)
                }
                try Accounts.save(changes, in: transaction)
                for state in states {
                    if let subscription = state.subscription {
                        try Subscriptions.insert(subscription, with: 1, of: tenant, in: transaction)
                    }
                }
            }
        }
    }

    /// The state of a user with twenty days of usage; users with an even number are subscribed.
    private static func state(_ number: Int, free: Plan) throws -> BillingState {
        let user = UserID(stored: "user-\(number)")
        var account = Account.opened(for: user, free: free, at: start)
        account.period = Period(start: start, end: start.adding(days: 30))
        var state = BillingState(account: account, subscription: nil)
        if number % 2 == 0 {
            let subscription = Subscription.created(
                id: Subscriptions.newID(), user: user, plan: free, cycle: .days(30), by: .command, at: start)
            state.start(subscription, at: start, free: free)
        }
        for day in 0..<20 {
            _ = try state.account.record(UsageContent(amount: 100), at: start.adding(days: day), enforce: false)
        }
        return state
    }

    /// Records an event every 50 ms until its task is canceled. Returns the longest wait for an answer.
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

    /// Gives the copies the values of the rolled over documents. Returns the time that the bulk updates took, without the reads.
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

    /// The update that gives a copy the fields that a rollover changes.
    private static func update(_ document: Document) -> BulkWrite {
        let names = [
            "sequence", "current_period_start", "current_period_end", "period_number", "meters", "daily_usage", "monthly_summary",
        ]
        return .updateOne(
            filter: ["_id": document["_id"] ?? .null],
            update: ["$set": .document(Document(names.map { ($0, document[$0] ?? .null) }))])
    }
}
