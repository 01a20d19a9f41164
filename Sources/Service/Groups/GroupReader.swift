internal import Metering
internal import Store

/// Reads what a group of commands rests on. It decides nothing, and changes nothing.
struct GroupReader: Sendable {
    let store: MeterStore
    let clocks: ShopClocks
    let settings: Settings

    /// The maximum of one user's overdue holds that are ended before a refusal.
    static let overdueLimit = 100

    func times(of tenants: Set<Tenant>) throws -> ShopTimes {
        var times: ShopTimes = [:]
        for tenant in tenants { times[tenant] = try clocks.known(tenant) ?? store.blockingRead { try clocks.now(of: tenant, $0) } }
        return times
    }

    func erasures(of tenants: Set<Tenant>) throws -> [Tenant: Int64] { try store.blockingRead { try Erasures.counts(of: tenants, $0) } }

    func accounts(_ keys: some Collection<AccountKey>) throws -> [AccountKey: Account] {
        keys.isEmpty ? [:] : try store.blockingRead { try Accounts.find(Array(keys), $0) }
    }

    func reservations(_ keys: [ReservationKey]) throws -> [ReservationKey: Reservation] {
        keys.isEmpty ? [:] : try store.blockingRead { try Reservations.find(keys, $0) }
    }

    func purchases(_ keys: [PurchaseKey]) throws -> [PurchaseKey: Purchase] {
        keys.isEmpty ? [:] : try store.blockingRead { try Purchases.find(keys, $0) }
    }

    func freePlans(of tenants: Set<Tenant>) throws -> [Tenant: Plan] {
        var plans: [Tenant: Plan] = [:]
        for tenant in tenants { plans[tenant] = try store.blockingRead { try ShopTerms(of: tenant, settings: settings, $0).free } }
        return plans
    }

    /// The meters of classes of tokens that the plans of these accounts' users have. An account that is not there is to be opened on the free plan. A
    /// plan is read only where its account has a balance of such a name, as few do.
    func classMeters(of keys: some Collection<AccountKey>, _ accounts: [AccountKey: Account]) throws -> [AccountKey: Set<Meter>] {
        var found: [AccountKey: Set<Meter>] = [:]
        for key in keys where accounts[key].map({ $0.meters.contains { Self.classMeters.contains($0.meter) } }) ?? true {
            let plan = try store.blockingRead { reading in
                let live = try accounts[key] == nil ? nil : Subscriptions.live(key.user, of: key.tenant, reading)
                return try live.flatMap { $0.isEntitled ? $0.plan : nil }
                    ?? ShopTerms(of: key.tenant, settings: settings, reading).free
            }
            let meters = Self.classMeters.intersection(plan.meters)
            if !meters.isEmpty { found[key] = meters }
        }
        return found
    }

    private static let classMeters = Set(TokenClass.allCases.map(\.meter))

    /// The holds of these accounts that are past their time.
    func overdueHolds(of accounts: some Sequence<AccountKey>, at now: ShopTimes) throws -> [ReservationKey: Reservation] {
        var found: [ReservationKey: Reservation] = [:]
        for key in accounts {
            let overdue = try store.blockingRead {
                try Reservations.open(of: [key.user], in: key.tenant, expiringBy: now.of(key.tenant), limit: Self.overdueLimit, $0)
            }
            for reservation in overdue { found[ReservationKey(tenant: key.tenant, id: reservation.id)] = reservation }
        }
        return found
    }

    /// The events of these keys that are in the log.
    func events(_ keys: [EventKey]) throws -> [EventKey: RecordedEvent] {
        keys.isEmpty ? [:] : try store.blockingRead { try UsageEvents.find(keys, $0) }
    }
}
