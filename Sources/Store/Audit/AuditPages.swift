internal import BSON
package import Metering
internal import Mongo

/// Accounts with what the log says of them, as all of it was at one instant.
package struct AuditPage: Sendable {
    /// By user. Without an account: a log that belongs to none, or an account that cannot be read.
    package let entries: [(user: UserID, account: Account?, log: AccountLog)]
    /// Stored accounts.
    package let accounts: Int
    package let events: Int128
    /// Where the next page begins; nil after the last.
    package let last: UserID?
}

/// How much a page reads at most: a user's log is read whole, so that one user alone may have more.
package struct AuditSize: Equatable, Sendable {
    package private(set) var accounts = 50
    /// Of each collection of the log.
    package private(set) var entries = 20_000

    package init() {}

    package init(accounts: Int, entries: Int) {
        self.accounts = accounts
        self.entries = entries
    }

    /// Reads again, half as much each time, what took longer than the server keeps a snapshot.
    func shrinking<Page>(_ read: (AuditSize) throws -> Page) throws -> Page {
        var size = self
        while true {
            do {
                return try read(size)
            } catch let error as MongoError where error.kind == .transactionAborted {
                guard size.accounts > 1 else {
                    throw StoreError(.other, "A user's log was not read while its snapshot was kept: \(error)")
                }
                size = AuditSize(accounts: size.accounts / 2, entries: max(1, size.entries / 2))
            }
        }
    }
}

package enum AuditPages {
    /// The users after `user`: accounts with their logs, and logs between them that have no account.
    package static func read(
        of tenant: Tenant, after user: UserID?, size: AuditSize = AuditSize(), _ reading: Reading
    ) throws -> AuditPage {
        try size.shrinking { size in
            try reading.snapshot { snapshot in
                var reader = AuditReader(of: AuditRange(tenant: tenant, after: user), snapshot)
                return try reader.page(size)
            }
        }
    }
}

/// Users after one, up to another; open where a bound is nil.
struct AuditRange {
    let tenant: Tenant
    let after: UserID?
    var upTo: UserID?

    init(tenant: Tenant, after: UserID?) {
        self.tenant = tenant
        self.after = after
    }

    func contains(_ user: UserID) -> Bool {
        user.rawValue > after?.rawValue ?? "" && user.rawValue <= upTo?.rawValue ?? Key.top
    }

    /// Ends the range at the user, if it goes beyond.
    mutating func cut(at user: UserID?) {
        guard let user, user.rawValue < upTo?.rawValue ?? Key.top else { return }
        upTo = user
    }

    /// Of documents whose `_id` begins with the shop and the user, and may go on with a field: one range of the `_id` index.
    func ids(then field: String?) -> Document {
        var bounds: Document = [:]
        bounds["$gt"] = .document(bound(after?.rawValue ?? "", then: field, above: after != nil))
        bounds[upTo == nil ? "$lt" : "$lte"] = .document(bound(upTo?.rawValue ?? Key.top, then: field, above: upTo != nil))
        return ["_id": .document(bounds)]
    }

    /// Of documents that have the user in a field.
    var users: Document { users(shop: "_id.shop_id") }

    /// The same where the shop is in a field of that name.
    func users(shop field: String) -> Document {
        var bounds: Document = ["$gt": .string(after?.rawValue ?? "")]
        if let upTo { bounds["$lte"] = .id(upTo) }
        return [field: .id(tenant.shop), "user_id": .document(bounds)]
    }

    /// `above`: behind everything of that user.
    private func bound(_ user: String, then field: String?, above: Bool) -> Document {
        var bound: Document = ["shop_id": .id(tenant.shop), "user_id": .string(user)]
        if let field, above { bound.append(field, .string(Key.top)) }
        return bound
    }
}
