import Metering
import Mongo
import Service
import Store
import Support

/// A service with a shop, a catalog and a clock of its own, on a database of its own.
struct TestService {
    let service: ShopMeter
    let store: MeterStore
    let database: Database
    let clock: ManualClock
    let tenant: Tenant

    static let free = plan("free", tokens: 1_000)
    static let basic = plan("basic", tokens: 10_000, fee: "9", cap: 2_000)
    static let pro = plan("pro", tokens: 40_000, fee: "29")

    static func plan(_ name: String, tokens: Quantity?, fee: String = "0", cap: Quantity? = nil) -> Plan {
        Plan(
            name: PlanName(stored: name), displayName: name, monthlyFee: Money(fee) ?? .zero, currency: Currency(stored: "EUR"),
            allowances: [.tokens: Limit(tokens)], rolloverCaps: cap.map { [.tokens: $0] } ?? [:])
    }

    /// Another instance of the service on the same database, by a clock of its own if one is given.
    func another(clock other: ManualClock? = nil) -> ShopMeter {
        ShopMeter(store: store, clock: other ?? clock, settings: Settings(adminToken: "admin"))
    }

    func command(
        _ user: String, _ event: String, _ amount: Quantity = 1, meter: Meter = .tokens, at time: Timestamp? = nil, enforce: Bool = false
    ) -> UsageCommand {
        UsageCommand(
            tenant: tenant, user: UserID(stored: user), event: EventID(stored: event),
            content: UsageContent(meter: meter, amount: amount, occurredAt: time), enforce: enforce)
    }

    func subscribe(
        _ user: String, to plan: Plan, action: ChangeAction = .create, trialDays: Int? = nil
    ) async throws -> SubscriptionChange {
        try await service.changeSubscription(
            SubscriptionRequest(user: UserID(stored: user), action: action, planName: plan.name, trialDays: trialDays), of: tenant)
    }

    /// In the order of their numbers, of this shop or of another.
    func invoices(of other: Tenant? = nil) async throws -> [Invoice] {
        try await service.exportedInvoices(of: other ?? tenant, after: nil, limit: 1_000)
    }

    func account(of user: String) async throws -> Account {
        try await service.usage(of: UserID(stored: user), in: tenant).account
    }

    func events(of user: String) async throws -> [RecordedEvent] {
        try await service.events(of: UserID(stored: user), in: tenant, from: nil, to: nil, meter: nil, after: nil, limit: 10_000)
    }
}

func withTestService(_ body: (TestService) async throws -> Void) async throws {
    try await withTestDatabase { database in
        let store = MeterStore(database: database)
        try store.prepare()
        let clock = ManualClock()
        let service = ShopMeter(store: store, clock: clock, settings: Settings(adminToken: "admin"))
        defer { service.drain() }
        let shop = try await service.createShop(
            id: ShopID(stored: "shop"), name: "Shop", currency: Currency(stored: "EUR"), clock: .live
        ).shop
        for plan in [TestService.free, TestService.basic, TestService.pro] { _ = try await service.putPlan(plan, of: shop.tenant) }
        try await body(TestService(service: service, store: store, database: database, clock: clock, tenant: shop.tenant))
    }
}
