package import Metering
package import Store

/// A list that `page` reads.
package typealias ReadableList = StoredList

/// A kind of item that `exported` reads: all of a shop's.
package typealias Exportable = StoredByID

/// Reading page by page. Each page shows what is stored when it is read.
extension ShopMeter {
    /// At most `limit` items of the list: those after the item with that key, or without a key the first ones.
    package func page<List: ReadableList>(
        of list: List, in tenant: Tenant, after key: List.Key?, limit: Int
    ) async throws -> [List.Item] {
        try await read { try list.page(of: tenant, after: key, limit: limit, $0) }
    }

    /// At most `limit` items of the shop in the order of their ids: those after `last`, or without it the first ones.
    package func exported<Item: Exportable>(
        _ kind: Item.Type = Item.self, of tenant: Tenant, after last: Item?, limit: Int
    ) async throws -> [Item] {
        try await exported(of: tenant, after: last, limit: limit) { $0 }
    }

    /// What `body` makes of such items, on the thread that reads them: for work that would keep a thread of Swift's pool. It is a step of a long
    /// read of the shop.
    package func exported<Item: Exportable, Result: Sendable>(
        of tenant: Tenant, after last: Item?, limit: Int, _ body: @escaping @Sendable ([Item]) throws -> Result
    ) async throws -> Result {
        try await longStep(of: tenant) {
            try await read { try body(Item.page(of: tenant, after: last, limit: limit, $0)) }
        }
    }
}

/// Walks that read a page at a time, so that they take the memory of one page however much there is.
extension ShopMeter {
    /// The maximum of items in one page.
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

    /// Gives `body` all items of the shop, in the order of their ids, page after page.
    func forEachPage<Item: Exportable>(of kind: Item.Type, in tenant: Tenant, _ body: ([Item]) async throws -> Void) async throws {
        try await forEachPage({ try await exported(kind, of: tenant, after: $0, limit: $1) }, body: body)
    }

    /// Gives `body` one shop after another, in the order of their ids.
    package func forEachShop(_ body: (Tenant) async throws -> Void) async throws {
        try await forEachPage {
            try await tenants(after: $0?.shop, limit: $1)
        } body: { tenants in
            for tenant in tenants { try await body(tenant) }
        }
    }

    /// Gives `body` one shop after another with whether any of the works is due in it, which is asked for many shops at once. Where that cannot be said, each
    /// may be due.
    package func forEachShop(asking works: [DueWork], _ body: (Tenant, _ isDue: Bool) async throws -> Void) async throws {
        let now = systemTime
        try await forEachPage { (last: (tenant: Tenant, isDue: Bool)?, limit) in
            do {
                return try await read { try Shops.due(works, at: now, after: last?.tenant.shop, limit: limit, $0) }
            } catch {
                return try await tenants(after: last?.tenant.shop, limit: limit).map { ($0, true) }
            }
        } body: { shops in
            for (tenant, isDue) in shops { try await body(tenant, isDue) }
        }
    }
}
