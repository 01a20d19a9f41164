package import Jobs
package import Metering
package import Mongo
package import Service
package import Store
internal import StoreSupport
package import Support
internal import Synchronization

/// A service with a shop, a catalog and a clock of its own, on a database of its own.
package struct TestService {
    package let service: ShopMeter
    package let store: MeterStore
    package let database: Database
    package let clock: ManualClock
    package let tenant: Tenant

    package static let free = plan("free", tokens: 1_000)
    package static let basic = plan("basic", tokens: 10_000, fee: "9", cap: 2_000)
    package static let pro = plan("pro", tokens: 40_000, fee: "29")

    package static func plan(_ name: String, tokens: Quantity?, fee: String = "0", cap: Quantity? = nil) -> Plan {
        Plan(
            name: PlanName(stored: name), displayName: name, monthlyFee: Money(fee) ?? .zero, currency: Currency(stored: "EUR"),
            allowances: [.tokens: Limit(tokens)], rolloverCaps: cap.map { [.tokens: $0] } ?? [:])
    }

    /// Another instance of the service on the same database, by a clock of its own if one is given.
    package func another(clock other: ManualClock? = nil) -> ShopMeter {
        ShopMeter(store: store, clock: other ?? clock, settings: Settings(adminToken: "admin"))
    }

    package func command(
        _ user: String, _ event: String, _ amount: Quantity = 1, meter: Meter = .tokens, at time: Timestamp? = nil, enforce: Bool = false
    ) -> UsageCommand {
        UsageCommand(
            tenant: tenant, user: UserID(stored: user), event: EventID(stored: event),
            content: UsageContent(meter: meter, amount: amount, occurredAt: time), enforce: enforce)
    }

    package func subscribe(
        _ user: String, to plan: Plan, action: ChangeAction = .create, trialDays: Int? = nil
    ) async throws -> SubscriptionChange {
        try await service.changeSubscription(
            SubscriptionRequest(user: UserID(stored: user), action: action, planName: plan.name, trialDays: trialDays), of: tenant)
    }

    /// Runs a job, through another instance if one is given: what it counted, nil when another instance has its lease.
    package func run(_ job: String, through other: ShopMeter? = nil) async throws -> [String: Int]? {
        guard let job = Job.named(job) else { return nil }
        return try await JobRunner(service: other ?? service).run(job)?.counts
    }

    package func moveClock(of shop: ShopID, to time: Timestamp) async throws -> ClockMove {
        try await JobRunner(service: service).moveClock(of: shop, to: time)
    }

    /// In the order of their numbers, of this shop or of another.
    package func invoices(of other: Tenant? = nil) async throws -> [Invoice] {
        try await service.exported(of: other ?? tenant, after: nil, limit: 1_000)
    }

    package func account(of user: String) async throws -> Account {
        try await service.usage(of: UserID(stored: user), in: tenant).account
    }

    package func audit() async throws -> (done: AuditProgress, findings: [AuditFinding]) {
        let findings = Mutex<[AuditFinding]>([])
        let done = try await service.audit(of: tenant.shop) { finding in
            findings.withLock { $0.append(finding) }
        } progress: { _ in
        }
        return (done, findings.withLock { $0 })
    }

    package func events(of user: String) async throws -> [RecordedEvent] {
        try await service.page(
            of: EventList(of: UserID(stored: user), in: TimeRange(), meter: nil), in: tenant, after: nil, limit: 10_000)
    }
}

/// `checkpointEvery`: how many events of an account are recorded before its document is stored again; with 1 it is stored with each.
package func withTestService(
    options: DatabaseOptions? = nil, checkpointEvery: Int = CommitQueue.Options().checkpointEvery,
    _ body: (TestService) async throws -> Void
) async throws {
    try await withTestStore(options: options) { store, database in
        let clock = ManualClock()
        let service = ShopMeter(
            store: store, clock: clock, settings: Settings(adminToken: "admin"), commits: .init(checkpointEvery: checkpointEvery))
        defer { service.drain() }
        let shop = try await service.createShop(
            id: ShopID(stored: "shop"), name: "Shop", currency: Currency(stored: "EUR"), clock: .live
        ).shop
        for plan in [TestService.free, TestService.basic, TestService.pro] { _ = try await service.putPlan(plan, of: shop.tenant) }
        try await body(TestService(service: service, store: store, database: database, clock: clock, tenant: shop.tenant))
    }
}
