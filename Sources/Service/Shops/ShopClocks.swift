internal import Metering
internal import Store
internal import Synchronization

/// The time of each shop: the system's, or that of a test shop's own clock, which stands until it is moved.
final class ShopClocks: Sendable {
    private let system: any Clock
    /// Shops that are known to live by the system's time: they always will.
    private let live = Mutex<Set<Tenant>>([])

    private static let capacity = 10_000

    init(system: any Clock) { self.system = system }

    /// The shop's time where that needs no database; nil where it must be read.
    func known(_ tenant: Tenant) -> Timestamp? { live.withLock { $0.contains(tenant) } ? system.now() : nil }

    func now(of tenant: Tenant, _ reading: Reading) throws -> Timestamp {
        if let known = known(tenant) { return known }
        if let time = try Shops.find(tenant.shop, reading)?.testTime { return time }
        live.withLock { live in
            if live.count >= Self.capacity { live.removeAll() }
            live.insert(tenant)
        }
        return system.now()
    }
}

extension ShopMeter {
    func now(of tenant: Tenant) async throws -> Timestamp {
        if let known = clocks.known(tenant) { return known }
        return try await read { [clocks] in try clocks.now(of: tenant, $0) }
    }
}
