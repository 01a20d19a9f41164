internal import BSON
internal import Metering

/// Composite ids: the shop first, so that one shop's documents are one range of the `_id` index.
enum Key {
    /// Above every id, as they are ASCII; and text is above every number.
    static let top = "\u{10FFFF}"

    /// Every `_id` of the shop whose second field, a client's id, is after `after`.
    static func range(of tenant: Tenant, then field: String, after: String = "") -> Document {
        range(of: tenant, then: field, behind: .document([("shop_id", .id(tenant.shop)), (field, .string(after))]))
    }

    /// Every `_id` of the shop behind `low`, which is one of its own.
    static func range(of tenant: Tenant, then field: String, behind low: Value) -> Document {
        ["_id": ["$gt": low, "$lt": .document([("shop_id", .id(tenant.shop)), (field, .string(top))])]]
    }

    /// A document that the shop calls by an id of its own, in the field of that name.
    static func of(_ tenant: Tenant, _ field: String, _ id: some Identifier) -> Value {
        .document([("shop_id", .id(tenant.shop)), (field, .id(id))])
    }

    static func user(_ user: UserID, _ tenant: Tenant) -> Value { ["shop_id": .id(tenant.shop), "user_id": .id(user)] }
}

extension Document {
    /// Narrows a list that goes from the newest on to what is behind a place in it: a time, and among its equals an id.
    mutating func page(after place: (at: Timestamp, id: some Identifier)?, time: String, id: String) {
        guard let place else { return }
        let earlier = Document([(time, .document(["$lt": .time(place.at)]))])
        let equal = Document([(time, .time(place.at)), (id, .document(["$lt": .id(place.id)]))])
        self["$or"] = .array([.document(earlier), .document(equal)])
    }

    /// Leaves out the documents of some users, who are few.
    mutating func exclude(_ users: Set<UserID>, in field: String) {
        guard !users.isEmpty else { return }
        self[field] = ["$nin": .array(users.sorted { $0.rawValue < $1.rawValue }.map { .id($0) })]
    }

    /// Narrows to the times of a range.
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
