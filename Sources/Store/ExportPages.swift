internal import BSON
package import Metering
internal import Mongo

/// What is exported, page by page in the order of the ids: each page is a range of an index, so that none costs more than another.
extension Subscriptions {
    /// Those made in `[from, to)`.
    package static func page(
        of tenant: Tenant, from: Timestamp?, to: Timestamp?, after id: SubscriptionID?, limit: Int, _ reading: Reading
    ) throws -> [Subscription] {
        var filter: Document = ["shop_id": .id(tenant.shop)]
        if let id { filter["_id"] = ["$gt": try id.value] }
        filter["created_at"] = bounds(from: from, to: to)
        return try reading.find(schema.name, filter, sort: ["_id": 1], limit: limit).map { try Subscription($0) }
    }
}

extension Accounts {
    /// Those whose current period has a part of `[from, to)`.
    package static func page(
        of tenant: Tenant, from: Timestamp?, to: Timestamp?, after user: UserID?, limit: Int, _ reading: Reading
    ) throws -> [Account] {
        var filter = Key.range(of: tenant, then: "user_id", after: user?.rawValue ?? "")
        filter["current_period_end"] = from.map { ["$gt": .time($0)] }
        filter["current_period_start"] = to.map { ["$lt": .time($0)] }
        return try reading.find(schema.name, filter, sort: ["_id": 1], limit: limit).map { try Account($0) }
    }
}

extension UsageEvents {
    /// Those that happened in `[from, to)`, by user and id.
    package static func page(
        of tenant: Tenant, from: Timestamp?, to: Timestamp?, after last: RecordedEvent?, limit: Int, _ reading: Reading
    ) throws -> [RecordedEvent] {
        var filter = Key.range(of: tenant, then: "user_id")
        if let last {
            let low: Document = ["shop_id": .id(tenant.shop), "user_id": .id(last.user), "event_id": .id(last.id)]
            let high: Document = ["shop_id": .id(tenant.shop), "user_id": "\u{10FFFF}"]
            filter = ["_id": ["$gt": .document(low), "$lt": .document(high)]]
        }
        filter["at"] = bounds(from: from, to: to)
        return try reading.find(schema.name, filter, sort: ["_id": 1], limit: limit).map { try RecordedEvent($0) }
    }
}

/// `[from, to)` as a condition; nil without bounds.
private func bounds(from: Timestamp?, to: Timestamp?) -> Value? {
    var bounds = Document()
    if let from { bounds["$gte"] = .time(from) }
    if let to { bounds["$lt"] = .time(to) }
    return bounds.isEmpty ? nil : .document(bounds)
}
