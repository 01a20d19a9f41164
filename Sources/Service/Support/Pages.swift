internal import Metering
internal import Store

/// Walks that read a page at a time, so that they take the memory of one page however much there is.
extension ShopMeter {
    /// The items of one page.
    private static let page = 500

    /// Gives `body` page after page. `read` gets the last item of the page before, nil for the first page, and the maximum of items.
    func forEachPage<Item>(
        _ read: (_ after: Item?, _ limit: Int) async throws -> [Item], body: ([Item]) async throws -> Void
    ) async throws {
        var last: Item?
        repeat {
            try Task.checkCancellation()
            let items = try await read(last, Self.page)
            try await body(items)
            last = items.count < Self.page ? nil : items.last
        } while last != nil
    }

    /// Gives `body` one shop after another, in the order of their ids.
    package func forEachShop(_ body: (Tenant) async throws -> Void) async throws {
        try await forEachPage {
            try await tenants(after: $0?.shop, limit: $1)
        } body: { tenants in
            for tenant in tenants { try await body(tenant) }
        }
    }
}
