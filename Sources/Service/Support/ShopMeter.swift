package import Metering
package import Store
internal import Synchronization

/// The use cases, each in an extension. Transactions begin and end in this room; rules are `Metering`'s.
package final class ShopMeter: Sendable {
    let store: MeterStore
    /// The system's time, for keys, secrets and events of Stripe's, which no test shop's clock moves.
    let clock: any WallClock
    let clocks: ShopClocks
    let settings: Settings
    /// The ends of the requests under way.
    let alarms = Alarms()
    let places: RequestPlaces
    let longReads = LongReads()
    /// One step of a shop's long reads at a time.
    let stepMutex = KeyedMutex<Tenant>()
    let keys = RecentValues<KeyID, StoredKey>()
    let keyTexts = KeyTexts()
    let keyUses: KeyUses
    /// Of shops whose users' tokens or Stripe's events came lately.
    let shopSecrets = RecentValues<ShopID, ShopSecrets>()
    let shopLimits = RecentValues<ShopID, ShopRateLimits>()
    /// Of shops whose users' page or whose own pages called lately.
    let shopLooks = RecentValues<ShopID, Shop>()
    let rates: RateLimiter
    let readPlaces = Places()
    let presentStates = GatheredReads<ReadersOfShop, UserID, PresentState>()
    /// The plans that shops advise.
    let advisedPlans = GatheredReads<Share, Tenant, [Plan]>()
    /// One change of a user's subscription or consumption at a time, in this process.
    let accountMutex = KeyedMutex<AccountKey>()
    /// One transaction a shop that issues invoices: of two that take invoice numbers at once, the database would make one start again.
    private let invoiceMutex = KeyedMutex<Tenant>()
    /// One transaction of a share that runs again, so that of many that met on a document each has its turn.
    private let retryMutex = KeyedMutex<Share>()
    let commits: CommitQueue
    let refusalLog: RefusalLog
    /// Told of each event that took a meter's rollover below 0.
    let enteredDebt: @Sendable (ShopID, RecordedEvent) -> Void
    private let isLeaving = Atomic(false)
    /// One partition, as the charges of a shop may all be on one wallet.
    let charges: CommitPartition<ChargeCommitter>

    /// `placesPerShop`: the maximum of a shop's requests under way. `webhookBody`: writes the messages to endpoints; nil: nobody is told.
    package init(
        store: MeterStore, clock: any WallClock = SystemClock(), settings: Settings, commits: CommitQueue.Options = .init(),
        placesPerShop: Int = 2_048, enteredDebt: @escaping @Sendable (ShopID, RecordedEvent) -> Void = { _, _ in },
        webhookBody: WebhookBody? = nil
    ) {
        var settings = settings
        settings.outbox = Outbox(webhookBody, clock: clock)
        self.enteredDebt = enteredDebt
        self.store = store
        self.clock = clock
        self.settings = settings
        places = RequestPlaces(perShop: placesPerShop)
        clocks = ShopClocks(system: clock)
        rates = RateLimiter(limits: settings.rateLimits)
        let settler = GroupSettler(
            reader: GroupReader(store: store, clocks: clocks, settings: settings), periods: PeriodCloser(store: store, settings: settings))
        refusalLog = RefusalLog(store: store, clock: clock)
        keyUses = KeyUses(store: store)
        self.commits = CommitQueue(
            options: commits,
            committer: AccountCommitter(
                store: store, settler: settler, checkpointEvery: commits.checkpointEvery, pace: commits.checkpoints,
                refusalLog: refusalLog))
        charges = CommitPartition(
            name: "charges", limits: commits.limits, committer: ChargeCommitter(store: store, clocks: clocks, outbox: settings.outbox))
        charges.start()
    }

    /// Commits what waits, and refuses every later event, purchase, hold and charge.
    package func drain() {
        commits.drain()
        charges.stop()
        refusalLog.drain()
        keyUses.drain()
    }

    /// Whether requests should come here: the database answers, and the process is not about to stop.
    package func isReady() async -> Bool {
        guard !isLeaving.load(ordering: .relaxed) else { return false }
        return (try? await store.ping()) != nil
    }

    /// From now on it is not ready, and goes on serving: whoever sends requests here has time to send them elsewhere.
    package func leave() { isLeaving.store(true, ordering: .relaxed) }

    var periods: PeriodCloser { PeriodCloser(store: store, settings: settings) }

    /// Runs a transaction that may issue invoices: of one shop, one after another. One that waits for a document lets the others go first.
    func issuingTransaction<Result: Sendable>(
        of tenant: Tenant, _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        let authored = Self.authored(body)
        return try await translated {
            try await self.waitingForDocuments {
                try await self.invoiceMutex.withLock(tenant) { try await self.store.transaction(authored) }
            }
        }
    }

    func read<Result: Sendable>(_ body: @escaping @Sendable (Reading) throws -> Result) async throws -> Result {
        try await translated { try await self.store.read(body) }
    }

    func readAtOnce<Result: Sendable>(_ body: @escaping @Sendable (Reading) throws -> Result) async throws -> Result {
        try await translated { try await self.store.readAtOnce(body) }
    }

    func write<Result: Sendable>(_ body: @escaping @Sendable (Writing) throws -> Result) async throws -> Result {
        try await translated { try await self.store.write(body) }
    }

    func transaction<Result: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Result) async throws -> Result {
        let authored = Self.authored(body)
        return try await translated { try await self.waitingForDocuments { try await self.store.transaction(authored) } }
    }

    /// The body with the task's author, as it runs on a thread that has no task.
    private static func authored<Result>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) -> @Sendable (Transaction) throws -> Result {
        let author = Author.current
        return { transaction in try Author.$current.withValue(author) { try body(transaction) } }
    }

    /// Runs `body` again while it is `contended`, one caller of a share at a time, with pauses that hold no thread: for up to 4 s, and not after
    /// the request's deadline.
    private func waitingForDocuments<Result>(_ body: () async throws -> Result) async throws -> Result {
        let limit = GroupPatience.end
        do { return try await body() } catch let error as StoreError where error.kind == .contended {}
        var pauses = ContentionPauses()
        while true {
            do { return try await retryMutex.withLock(Share.current, body) } catch let error as StoreError where error.kind == .contended {
                let pause = pauses.next()
                guard ContinuousClock.now + pause < limit else { throw error }
                try await Task.sleep(for: pause)
                await store.endIdleTransactions()
            }
        }
    }

    /// Runs `body` again when it met an id that is taken, up to 5 times: another call stored the same thing in the same instant, and the next run
    /// finds it.
    func retryingDuplicates<Result>(_ body: () async throws -> Result) async throws -> Result {
        for _ in 1..<Self.attempts {
            do { return try await body() } catch let error as StoreError where error.kind == .duplicate {}
        }
        return try await body()
    }

    private static let attempts = 5

    private func translated<Result>(_ body: () async throws -> Result) async throws -> Result {
        do { return try await body() } catch let error as StoreError { throw ServiceError(error) ?? error }
    }
}
