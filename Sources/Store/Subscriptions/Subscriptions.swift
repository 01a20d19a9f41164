internal import BSON
package import Metering
internal import Mongo

package enum Subscriptions {
    static let schema = CollectionSchema(
        name: "subscriptions",
        properties: Document(
            Plan.properties.map { ($0.key, $0.value) } + [
                ("_id", ["bsonType": "objectId"]), ("shop_id", Property.string), ("user_id", Property.string), ("live", Property.bool),
                ("status", Property.oneOf(SubscriptionStatus.allCases.map(\.rawValue))), ("billing_cycle", Property.string),
                ("anchor", Property.time), ("current_period_start", Property.time), ("current_period_end", Property.time),
                ("trial_end", Property.optionalTime), ("cancel_at_period_end", Property.bool), ("canceled_at", Property.optionalTime),
                ("suspend_reason", Property.optionalString), ("pending_change", ["bsonType": ["object", "null"]]),
                ("stripe_event_at", Property.optionalQuantity), ("stripe_cancellation_at", Property.optionalQuantity),
                ("stripe", ["bsonType": ["object", "null"]]),
                ("plan_history", ["bsonType": "array", "maxItems": .int64(Int64(Subscription.maximumHistory))]),
                ("billing", ["bsonType": ["object", "null"]]), ("credit_balance", Property.amount),
                ("tally", ["bsonType": "object"]), ("parked_use", ["bsonType": ["object", "null"]]),
                ("trial_plan", Property.optionalString), ("other_credit", ["bsonType": "array"]), ("billed_from", Property.optionalTime),
                ("created_at", Property.time), ("account_version", Property.quantity),
            ]),
        required: [
            "_id", "shop_id", "user_id", "live", "status", "plan_name", "allocated_tokens", "monthly_fee", "currency", "billing_cycle",
            "current_period_start", "current_period_end", "plan_history",
        ],
        indexes: [
            .init(name: "one_live_per_user", keys: ["shop_id": 1, "user_id": 1], isUnique: true, filter: ["live": true]),
            .init(name: "newest_of_user", keys: Document([("shop_id", 1), ("user_id", 1)] + newest.map { ($0.key, $0.value) })),
            .init(name: "by_id", keys: ["shop_id": 1, "_id": 1]),
            .init(name: "by_status", keys: ["shop_id": 1, "status": 1, "_id": 1]),
            .init(name: "by_plan", keys: ["shop_id": 1, "plan_name": 1, "_id": 1]),
        ])

    /// The newest of a user's subscriptions first. The version of the account that stored a subscription orders them whatever process made them,
    /// as ids and times within a second or a standing clock do not; those from before it was kept are older, and go by their time.
    private static let newest: Document = ["account_version": -1, "created_at": -1, "_id": -1]

    package static func newID() -> SubscriptionID { SubscriptionID(stored: ObjectID().description) }

    /// `version`: of the account as it is stored in this transaction. Throws `duplicate` when the user has a live subscription.
    package static func insert(
        _ subscription: Subscription, with version: Int64, of tenant: Tenant, in transaction: Transaction
    ) throws {
        var document = try subscription.document(of: tenant)
        document.append("account_version", .int64(version))
        try transaction.insert(schema.name, [document])
    }

    /// Stores the changes of stored subscriptions. Their accounts are saved in the same transaction, so that the accounts' versions guard both.
    package static func save(_ changes: [SubscriptionEdit], in transaction: Transaction) throws {
        let writes = try changes.compactMap { try $0.write }
        guard !writes.isEmpty else { return }
        let result = try transaction.bulk(schema.name, writes, ordered: false)
        guard result.matched == writes.count else { throw StoreError(.conflict, "A subscription is gone since it was read.") }
    }

    /// The user's live subscription.
    package static func live(_ user: UserID, of tenant: Tenant, _ reading: Reading) throws -> Subscription? {
        try reading.findOne(schema.name, ["shop_id": .id(tenant.shop), "user_id": .id(user), "live": true]).map { try Subscription($0) }
    }

    /// The user's newest subscription, live or not.
    package static func latest(_ user: UserID, of tenant: Tenant, _ reading: Reading) throws -> Subscription? {
        let filter: Document = ["shop_id": .id(tenant.shop), "user_id": .id(user)]
        return try reading.find(schema.name, filter, sort: newest, limit: 1).first.map { try Subscription($0) }
    }

    /// The plans with whose trials the user's subscriptions began, at most 100. Of those from before it was kept, a running trial or one that
    /// ended in their history says it.
    package static func trials(of user: UserID, in tenant: Tenant, _ reading: Reading) throws -> [PlanName] {
        let hadTrial: Value = [
            ["trial_plan": ["$type": "string"]], ["trial_end": ["$type": "date"]],
            ["plan_history.change_reason": .string(LifecycleEvent.trialEnd.rawValue)],
        ]
        let filter: Document = ["shop_id": .id(tenant.shop), "user_id": .id(user), "$or": hadTrial]
        return try reading.find(schema.name, filter, projection: ["trial_plan": 1, "plan_name": 1], limit: 100).map { document in
            try document.optionalString("trial_plan").map(PlanName.init(stored:)) ?? document.id("plan_name")
        }
    }

    /// The live subscriptions of those users.
    package static func live(_ users: [UserID], of tenant: Tenant, _ reading: Reading) throws -> [UserID: Subscription] {
        let filter: Document = ["shop_id": .id(tenant.shop), "user_id": ["$in": .array(users.map { .id($0) })], "live": true]
        let found = try reading.find(schema.name, filter).map { try Subscription($0) }
        return Dictionary(found.map { ($0.user, $0) }, uniquingKeysWith: { first, _ in first })
    }
}

extension SubscriptionList: StoredList {
    package func listing(of tenant: Tenant) -> Listing<Subscription, SubscriptionID> {
        var filter: Document = ["shop_id": .id(tenant.shop)]
        if let status { filter["status"] = .string(status.rawValue) }
        if let plan { filter["plan_name"] = .id(plan) }
        return Listing(Subscriptions.schema, filter, .ascending("_id") { try $0.value(of: "_id") }) { try Subscription($0) }
    }
}

extension Subscription: StoredByID {
    package static func everything(of tenant: Tenant) -> Listing<Subscription, Subscription> {
        Listing(Subscriptions.schema, ["shop_id": .id(tenant.shop)], .ascending("_id") { try $0.id.value(of: "_id") }) {
            try Subscription($0)
        }
    }
}

/// A subscription as it was read, and as it is to be stored.
package struct SubscriptionEdit: Sendable {
    package let tenant: Tenant
    package let before: Subscription
    package let after: Subscription

    package init(tenant: Tenant, before: Subscription, after: Subscription) {
        self.tenant = tenant
        self.before = before
        self.after = after
    }

    /// The update of the fields that differ; nil when none does.
    fileprivate var write: BulkWrite? {
        get throws {
            guard before != after else { return nil }
            let old = try before.document(of: tenant)
            let changed = try after.document(of: tenant).filter { $0.value != old[$0.key] }
            return .updateOne(
                filter: ["_id": try after.id.value(of: "_id"), "shop_id": .id(tenant.shop)],
                update: ["$set": .document(changed.map { ($0.key, $0.value) })])
        }
    }
}
