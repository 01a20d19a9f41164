internal import Store
internal import Synchronization

/// How many requests of each shop are under way: so many places a shop has, and no more.
final class RequestPlaces: Sendable {
    private let perShop: Int
    private let taken = Mutex<[Tenant: Int]>([:])

    init(perShop: Int) { self.perShop = perShop }

    /// Takes a place; false when the shop has none left.
    func take(_ tenant: Tenant) -> Bool {
        taken.withLock { taken in
            guard taken[tenant, default: 0] < perShop else { return false }
            taken[tenant, default: 0] += 1
            return true
        }
    }

    func giveBack(_ tenant: Tenant) { taken.withLock { taken in taken[tenant] = taken[tenant].flatMap { $0 > 1 ? $0 - 1 : nil } } }
}

extension ShopMeter {
    /// Runs a request of a shop, which has one of the shop's places and takes from the shop's share of the database's threads. Throws
    /// `overloaded` when the shop has no place left.
    package func serving<Result>(_ tenant: Tenant, _ work: () async throws -> Result) async throws -> Result {
        guard places.take(tenant) else { throw ServiceError.overloaded }
        defer { places.giveBack(tenant) }
        return try await Share.$current.withValue(.shop(tenant), operation: work)
    }
}
