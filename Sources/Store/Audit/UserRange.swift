internal import BSON
internal import Metering

/// A shop's users after one user and up to another, in the order of their ids. A bound that is nil leaves the range open.
struct UserRange {
    let tenant: Tenant
    let after: UserID?
    var upTo: UserID?

    init(tenant: Tenant, after: UserID?) {
        self.tenant = tenant
        self.after = after
    }

    func contains(_ user: UserID) -> Bool {
        (after.map { $0 < user } ?? true) && (upTo.map { user <= $0 } ?? true)
    }

    /// Ends the range at the user, if it goes beyond that user.
    mutating func cut(at user: UserID?) {
        guard let user, upTo.map({ user < $0 }) ?? true else { return }
        upTo = user
    }

    /// Matches documents whose `_id` has the shop and the user, and after them the field, if there is one: a range of the `_id` index.
    func ids(then field: String?) -> Document {
        var bounds: Document = [:]
        bounds["$gt"] = .document(bound(after?.rawValue ?? "", then: field, above: after != nil))
        bounds[upTo == nil ? "$lt" : "$lte"] = .document(bound(upTo?.rawValue ?? Key.top, then: field, above: upTo != nil))
        return ["_id": .document(bounds)]
    }

    /// Matches documents that have the shop in their `_id` and the user in `user_id`.
    var users: Document { users(shop: "_id.shop_id") }

    /// Matches documents that have the shop in that field and the user in `user_id`.
    func users(shop field: String) -> Document {
        var bounds: Document = ["$gt": .string(after?.rawValue ?? "")]
        if let upTo { bounds["$lte"] = .id(upTo) }
        return [field: .id(tenant.shop), "user_id": .document(bounds)]
    }

    /// An `_id` below every document of the user, or with `above` one above all of them.
    private func bound(_ user: String, then field: String?, above: Bool) -> Document {
        var bound: Document = ["shop_id": .id(tenant.shop), "user_id": .string(user)]
        if let field, above { bound.append(field, .string(Key.top)) }
        return bound
    }
}
