internal import Metering
internal import Service
internal import Store

/// One shop's part of a job's turn.
struct ShopTurn: Sendable {
    let service: ShopMeter
    let tenant: Tenant
    /// The shop's time when its part began.
    let now: Timestamp
    /// Nil on the way of a test shop's clock, whose time nobody else moves.
    let lease: JobLease?

    /// The lease for the next transaction to be fenced by. Throws `conflict` when it was lost.
    func held() async throws -> Leases.Lease? { try await lease?.held() }

    /// Does page after page, until one finds nothing that is due and returns nil; returns the sum of what the others did.
    func everyPage(_ page: (Leases.Lease?) async throws -> Int?) async throws -> Int {
        var count = 0
        while let done = try await page(held()) { count += done }
        return count
    }
}
