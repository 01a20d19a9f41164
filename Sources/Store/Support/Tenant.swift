internal import BSON
package import Metering

/// The shop that a call is about. Only this room can make one, as its initializer is internal: for a credential that was found, or for a job
/// that walks over the shops. So a query that forgets its shop does not compile, and no text from a request can name another shop.
package struct Tenant: Hashable, Sendable {
    package let shop: ShopID
}

/// The key of something that a shop names by an id of its own, among all shops.
package struct ShopKey<ID: Identifier>: Hashable, Sendable {
    package let tenant: Tenant
    package let id: ID

    package init(tenant: Tenant, id: ID) {
        self.tenant = tenant
        self.id = id
    }
}

/// Composite `_id`s. The shop is their first field, so that one shop's documents are one range of the `_id` index.
enum Key {
    /// Above every id, as none has more than 256 bytes: 260 bytes of the last character. In BSON text is also above every number.
    static let top = String(repeating: "\u{10FFFF}", count: 65)

    /// Matches the shop's documents whose `_id` has `field` second, with a value above `after`.
    static func range(of tenant: Tenant, then field: String, after: String = "") -> Document {
        range(of: tenant, then: field, behind: .document([("shop_id", .id(tenant.shop)), (field, .string(after))]))
    }

    /// Matches the shop's documents whose `_id` has `field` second and is above `low`, an `_id` of the shop.
    static func range(of tenant: Tenant, then field: String, behind low: Value) -> Document {
        ["_id": ["$gt": low, "$lt": .document([("shop_id", .id(tenant.shop)), (field, .string(top))])]]
    }

    /// Matches the shop's documents whose `_id` has `field` second with a text that begins so.
    static func range(of tenant: Tenant, in field: String, startingWith prefix: String) -> Document {
        func id(_ text: String) -> Value { .document([("shop_id", .id(tenant.shop)), (field, .string(text))]) }
        return ["_id": ["$gte": id(prefix), "$lt": id(prefix + top)]]
    }

    /// The `_id` of a document that the shop names by an id, in the field of that name.
    static func of(_ tenant: Tenant, _ field: String, _ id: some Identifier) -> Value {
        .document([("shop_id", .id(tenant.shop)), (field, .id(id))])
    }

    static func user(_ user: UserID, _ tenant: Tenant) -> Value { ["shop_id": .id(tenant.shop), "user_id": .id(user)] }
}

extension Tenant {
    /// Matches all of the shop's documents, or those about a user, in a collection that has the user beside the `_id`.
    func documents(about user: UserID?) -> Document {
        var filter: Document = ["_id.shop_id": .id(shop)]
        if let user { filter["user_id"] = .id(user) }
        return filter
    }
}

extension Document {
    /// Leaves out the documents of the users, who are few.
    mutating func exclude(_ users: Set<UserID>, in field: String) {
        guard !users.isEmpty else { return }
        self[field] = ["$nin": .array(users.sorted().map { .id($0) })]
    }

    /// Narrows the filter to documents whose field, a time, is in the range.
    mutating func keep(_ field: String, in range: TimeRange) {
        var bounds: Document = [:]
        if let from = range.from { bounds["$gte"] = .time(from) }
        if let to = range.to { bounds["$lt"] = .time(to) }
        if bounds.count > 0 { self[field] = .document(bounds) }
    }
}

extension Value {
    static func document(_ fields: [(String, Value)]) -> Value { .document(Document(fields)) }
}
