package import Metering
package import Store

/// The use cases: one extension each. Transactions begin and end here; rules are `Metering`'s.
package final class ShopMeter: Sendable {
    let store: MeterStore
    /// The system's time, for what is no shop's.
    let clock: any Clock
    let clocks: ShopClocks
    let settings: Settings
    let keys = AuthenticationCache<KeyID, StoredKey>()
    /// Of shops whose users' tokens or Stripe's events came lately.
    let shopSecrets = AuthenticationCache<ShopID, ShopSecrets>()
    let turns = KeyedMutex<AccountKey>()
    /// Of a shop's invoices: who issues some takes numbers, and of two who do so at once one has to start anew.
    private let issuing = KeyedMutex<Tenant>()
    let recorder: CommitQueue
    /// One partition, as the charges of a shop may all be on one wallet.
    let charges: CommitPartition<ChargeCommitter>

    package init(store: MeterStore, clock: any Clock = SystemClock(), settings: Settings, recorder: CommitQueue.Options = .init()) {
        self.store = store
        self.clock = clock
        self.settings = settings
        clocks = ShopClocks(system: clock)
        let settler = GroupSettler(
            reader: GroupReader(store: store, clocks: clocks, settings: settings), periods: PeriodCloser(store: store, settings: settings))
        self.recorder = CommitQueue(options: recorder, committer: AccountCommitter(store: store, settler: settler))
        charges = CommitPartition(name: "charges", limits: recorder.limits, committer: ChargeCommitter(store: store, clocks: clocks))
        charges.start()
    }

    /// Records what waits, then stops recording.
    package func drain() {
        recorder.drain()
        charges.stop()
    }

    /// Whether the database answers.
    package func isReady() async -> Bool { (try? await store.ping()) != nil }

    var periods: PeriodCloser { PeriodCloser(store: store, settings: settings) }

    /// Runs a transaction that is likely to issue invoices, one of the shop after another.
    func issuing<Result: Sendable>(
        _ tenant: Tenant, _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        try await issuing.take(tenant) { try await self.transaction(body) }
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
        try await translated { try await self.store.transaction(body) }
    }

    /// Does `body` again when it met an id that is taken: another call made the same thing in the same instant, and now it is there.
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

    /// The plan of users without a live subscription: the catalog's `free`, else the operator's.
    static func freePlan(of tenant: Tenant, settings: Settings, _ reading: Reading) throws -> Plan {
        if let plan = try Plans.find(.free, of: tenant, reading) { return plan }
        let currency = try Shops.find(tenant.shop, reading)?.currency ?? Currency(stored: "USD")
        return settings.freePlan(currency: currency)
    }

    func freePlan(of tenant: Tenant, _ reading: Reading) throws -> Plan {
        try Self.freePlan(of: tenant, settings: settings, reading)
    }
}
