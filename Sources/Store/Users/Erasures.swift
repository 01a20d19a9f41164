internal import BSON
package import Metering
internal import Mongo

/// What is left of a user who was erased: the token in the place of the id, and how much was kept under it. The id itself is here only while the
/// erasure is under way, so that one that was broken off goes on under the same token.
package enum Erasures {
    static let schema = CollectionSchema(
        name: "erasures",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "erased_as": Property.string]), "user_id": Property.optionalString,
            "events": Property.quantity, "erased_at": Property.time, "erased_by": Property.string,
        ],
        required: ["_id", "events", "erased_at", "erased_by"],
        indexes: [.init(name: "under_way", keys: ["_id.shop_id": 1, "user_id": 1], filter: ["user_id": ["$type": "string"]])])

    /// The erasure of the user that is under way.
    package static func underWay(_ user: UserID, of tenant: Tenant, _ reading: Reading) throws -> ErasedUser? {
        try reading.findOne(schema.name, ["_id.shop_id": .id(tenant.shop), "user_id": .id(user)]).map { try ErasedUser($0) }
    }

    package static func begin(_ erased: ErasedUser, _ user: UserID, of tenant: Tenant, in transaction: Transaction) throws {
        let document: Document = [
            "_id": id(erased, tenant), "user_id": .id(user), "events": 0, "erased_at": .time(erased.at),
            "erased_by": .string(erased.by.text),
        ]
        try transaction.insert(schema.name, [document])
    }

    private static func id(_ erased: ErasedUser, _ tenant: Tenant) -> Value {
        ["shop_id": .id(tenant.shop), "erased_as": .id(erased.token)]
    }

    /// Whether anything is kept of the user.
    package static func isKnown(_ user: UserID, of tenant: Tenant, _ reading: Reading) throws -> Bool {
        if try Accounts.find(user, of: tenant, reading) != nil || Users.find(user, of: tenant, reading) != nil { return true }
        if try Subscriptions.latest(user, of: tenant, reading) != nil { return true }
        return try reading.findOne(Wallets.schema.name, ["_id": wallet(user, tenant)], projection: ["_id": 1]) != nil
    }

    /// Puts the token in the place of the user's id in at most `limit` entries of the account's log; from events descriptions go. Returns how many it were.
    /// The account stays where it is until `finish`, so that what is recorded meanwhile belongs to it.
    ///
    /// It is stored with all events before they go, by a step, whose number whoever records in the same instant meets. The numbers are free again once the
    /// entries are moved: so `counts` tells everyone else that what they remember may be from before.
    package static func moveEvents(
        of user: UserID, to erased: ErasedUser, limit: Int, of tenant: Tenant, in transaction: Transaction
    ) throws -> Int {
        if let account = try Accounts.find(user, of: tenant, transaction) {
            try Accounts.save([AccountChange(tenant: tenant, before: account, after: account, at: erased.at)], in: transaction)
        }
        let moved = try move(UsageEvents.schema, range(user, tenant), from: user, to: erased, limit: limit, in: transaction)
        guard !moved.isEmpty else { return 0 }
        let events = moved.count { $0[UsageEvents.isEvent.field] != nil }
        _ = try transaction.update(schema.name, ["_id": id(erased, tenant)], ["$inc": ["events": .int64(Int64(events))]])
        _ = try transaction.update(Shops.schema.name, ["_id": .id(tenant.shop)], ["$inc": ["erasures": 1]])
        return moved.count
    }

    /// How often entries of accounts' logs were moved in each of the shops.
    package static func counts(of tenants: Set<Tenant>, _ reading: Reading) throws -> [Tenant: Int64] {
        let ids = tenants.map { Value.id($0.shop) }
        let filter: Document = ids.count == 1 ? ["_id": ids[0]] : ["_id": ["$in": .array(ids)]]
        var counts: [Tenant: Int64] = [:]
        for shop in try reading.find(Shops.schema.name, filter, projection: ["erasures": 1]) {
            counts[Tenant(shop: try shop.id("_id"))] = try shop.optionalInt64("erasures") ?? 0
        }
        return counts
    }

    /// Throws `conflict` when entries were moved in one of the shops since the counts were read.
    package static func require(_ counts: [Tenant: Int64], in transaction: Transaction) throws {
        guard try self.counts(of: Set(counts.keys), transaction) == counts else {
            throw StoreError(.conflict, "A user was erased since the accounts were read.")
        }
    }

    /// Puts the token in the place of the user's id everywhere else, and forgets who the user was.
    package static func finish(_ user: UserID, as erased: ErasedUser, of tenant: Tenant, in transaction: Transaction) throws -> ErasedUser {
        for schema in [PeriodCloses.schema, ConsumptionLog.schema, ConsumptionMonths.schema] {
            _ = try move(schema, range(user, tenant), from: user, to: erased, limit: nil, in: transaction)
        }
        let account: Document = ["_id": Key.user(user, tenant)]
        _ = try move(Accounts.schema, account, from: user, to: erased, limit: 1, in: transaction)
        _ = try move(Wallets.schema, ["_id": wallet(user, tenant)], from: user, to: erased, limit: 1, in: transaction)
        try moveOpening(of: user, to: erased, of: tenant, in: transaction)
        _ = try transaction.deleteMany(Users.schema.name, account)
        let named: Document = ["_id.shop_id": .id(tenant.shop), "user_id": .id(user), "customer": ["$type": "object"]]
        for schema in [Invoices.schema, CreditNotes.schema] {
            _ = try transaction.updateMany(schema.name, named, ["$set": ["customer": .null]])
        }
        try WebhookDeliveries.forget(user, of: tenant, in: transaction)
        try Refusals.forget(user, of: tenant, in: transaction)
        for (collection, shop, field) in fields {
            var filter: Document = [shop: .id(tenant.shop), field: .id(user)]
            if field == "owner_id" { filter["kind"] = "user" }
            if field == "payment.owner_id" { filter["payment.kind"] = "user" }
            _ = try transaction.updateMany(collection, filter, ["$set": .document([(field, .id(erased.token))])])
        }
        _ = try transaction.update(schema.name, ["_id": id(erased, tenant)], ["$set": ["user_id": .null]])
        guard let receipt = try transaction.findOne(schema.name, ["_id": id(erased, tenant)]) else {
            throw StoreError(.conflict, "An erasure is gone since it began.")
        }
        return try ErasedUser(receipt)
    }

    /// Fields that hold a user's id, with the field of the shop beside each.
    private static let fields: [(collection: String, shop: String, field: String)] = [
        (Subscriptions.schema.name, "shop_id", "user_id"), (Purchases.schema.name, "_id.shop_id", "user_id"),
        (Reservations.schema.name, "_id.shop_id", "user_id"), (Invoices.schema.name, "_id.shop_id", "user_id"),
        (BillingTransactions.schema.name, "_id.shop_id", "user_id"), (BillingErrors.schema.name, "_id.shop_id", "user_id"),
        (StripeEvents.schema.name, "_id.shop_id", "user_id"), (StripeSubscriptions.schema.name, "_id.shop_id", "user_id"),
        (Wallets.schema.name, "_id.shop_id", "creator_id"), (Wallets.schema.name, "_id.shop_id", "first_project_of"),
        (WalletEntries.schema.name, "_id.shop_id", "owner_id"), (WalletEntries.schema.name, "_id.shop_id", "charge.user_id"),
        (WalletEntries.schema.name, "_id.shop_id", "fallback.user_id"), (Calls.schema.name, "_id.shop_id", "user_id"),
        (Calls.schema.name, "_id.shop_id", "payment.owner_id"), (EventVoids.schema.name, "_id.shop_id", "user_id"),
        (Adjustments.schema.name, "_id.shop_id", "user_id"), (CreditNotes.schema.name, "_id.shop_id", "user_id"),
        (AuditTrail.schema.name, "_id.shop_id", "user_id"),
    ]

    /// Removes kept answers to an `Idempotency-Key` that name the user, as they are texts: who repeats such a request makes a new one.
    package static func forgetAnswers(about user: UserID, quoted: String, of tenant: Tenant, _ writing: Writing) throws {
        let found: Value = ["$indexOfBytes": ["$answer", ["$literal": .string(quoted)]]]
        let filter: Document = ["_id.shop_id": .id(tenant.shop), "$expr": ["$gte": .array([found, 0])]]
        _ = try writing.deleteMany(IdempotencyKeys.schema.name, filter)
    }

    private static func wallet(_ user: UserID, _ tenant: Tenant) -> Value {
        ["shop_id": .id(tenant.shop), "kind": "user", "owner_id": .id(user)]
    }

    /// The user's documents of a collection whose `_id` has the user second.
    private static func range(_ user: UserID, _ tenant: Tenant) -> Document {
        // In BSON an `_id` with more fields is above one that it begins with; and no id has a control character.
        let low = Key.user(user, tenant)
        let high: Document = ["shop_id": .id(tenant.shop), "user_id": .string(user.rawValue + "\u{1}")]
        return ["_id": ["$gte": low, "$lt": .document(high)]]
    }

    /// The entry that opened the user's wallet has the user in its `_id`.
    private static func moveOpening(of user: UserID, to erased: ErasedUser, of tenant: Tenant, in transaction: Transaction) throws {
        let (key, token) = (WalletEntryKey.opening(.user(user), tenant).value, WalletEntryKey.opening(.user(erased.token), tenant).value)
        guard var entry = try transaction.findOne(WalletEntries.schema.name, ["_id": key]) else { return }
        entry["_id"] = token
        // Its number is taken until it is gone.
        _ = try transaction.bulk(WalletEntries.schema.name, [.deleteOne(filter: ["_id": key])])
        try transaction.insert(WalletEntries.schema.name, [entry])
    }

    /// Replaces documents by copies with another `_id`, as an `_id` cannot change.
    private static func move(
        _ schema: CollectionSchema, _ filter: Document, from user: UserID, to erased: ErasedUser, limit: Int?, in transaction: Transaction
    ) throws -> [Document] {
        let found = try transaction.find(schema.name, filter, sort: ["_id": 1], limit: limit)
        guard !found.isEmpty else { return [] }
        var copies: [Document] = []
        for var document in found {
            let id = try document.document("_id").map { name, value in
                (name, name == "user_id" || name == "owner_id" ? Value.id(erased.token) : value)
            }
            document["_id"] = .document(id)
            if schema.name == UsageEvents.schema.name { document["description"] = nil }
            copies.append(document)
        }
        try transaction.insert(schema.name, copies)
        _ = try transaction.bulk(schema.name, found.map { .deleteOne(filter: ["_id": $0["_id"] ?? .null]) })
        return found
    }
}

extension ErasedUser {
    fileprivate init(_ document: Document) throws {
        self.init(
            token: try document.document("_id").id("erased_as"), at: try document.time("erased_at"),
            by: Actor(stored: try document.string("erased_by")), events: try document.int64("events"))
    }
}
