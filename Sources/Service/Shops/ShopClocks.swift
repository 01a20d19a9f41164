internal import Foundation
package import Metering
internal import Store
internal import Synchronization

/// The system's time, in whole milliseconds.
package struct SystemClock: WallClock {
    package init() {}

    package func now() -> Timestamp { Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1_000).rounded(.down))) }
}

/// The time of each shop: the system's, or that of a test shop's own clock, which stands until it is moved.
final class ShopClocks: Sendable {
    private let system: any WallClock
    /// Shops that are known to live by the system's time, which a shop does for ever.
    private let live = Mutex(BoundedCache<Tenant, Void>(capacity: 10_000))

    init(system: any WallClock) { self.system = system }

    /// The shop's time, nil when the database must be read for it.
    func known(_ tenant: Tenant) -> Timestamp? { live.withLock { $0.use(tenant) } == nil ? nil : system.now() }

    func now(of tenant: Tenant, _ reading: Reading) throws -> Timestamp {
        if let known = known(tenant) { return known }
        if let time = try Shops.find(tenant.shop, reading)?.testTime { return time }
        live.withLock { $0[tenant] = () }
        return system.now()
    }
}

extension ShopMeter {
    /// The shop's time.
    package func now(of tenant: Tenant) async throws -> Timestamp {
        if let known = clocks.known(tenant) { return known }
        return try await read { [clocks] in try clocks.now(of: tenant, $0) }
    }

    /// Notes that somebody moves a test shop's clock.
    package func noteClockMove(of tenant: Tenant, to time: Timestamp, at now: Timestamp) async throws {
        try await transaction { try AuditTrail.note(.clockMove, time.rfc3339, at: now, of: tenant, in: $0) }
    }

    /// Moves a test shop's clock forward; a clock that is there or later stays.
    package func advanceClock(of tenant: Tenant, to time: Timestamp) async throws {
        try await write { try Shops.advance(tenant, to: time, $0) }
    }

    /// The first end of a period, of a hold, or of the time to pay an invoice; nil when nothing is to end.
    package func nextEnd(of tenant: Tenant) async throws -> Timestamp? {
        try await read { reading in
            let ends = [
                try Accounts.nextEnd(of: tenant, reading), try Reservations.nextExpiry(of: tenant, reading),
                try Invoices.nextDue(of: tenant, reading),
            ]
            return ends.compactMap(\.self).min()
        }
    }
}
