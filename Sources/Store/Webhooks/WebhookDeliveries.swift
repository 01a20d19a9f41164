internal import BSON
package import Metering
internal import Mongo

/// The outbox and the log of what was sent: a message for one endpoint, inserted in the transaction of its cause.
package enum WebhookDeliveries {
    static let schema = CollectionSchema(
        name: "webhook_deliveries",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "delivery_id": Property.string]), "endpoint_id": Property.string,
            "message_id": Property.string, "type": Property.string, "user_id": Property.optionalString, "order": Property.integer,
            "body": Property.string, "created_at": Property.time,
            "status": Property.oneOf(WebhookDelivery.Status.allCases.map(\.rawValue)), "next_at": Property.optionalTime,
            "count": Property.quantity, "note": Property.optionalString,
            "attempts": Property.array(of: ["bsonType": "object"], atMost: WebhookDelivery.maximumAttempts),
        ],
        required: ["_id", "endpoint_id", "message_id", "type", "order", "body", "created_at", "status", "count", "attempts"],
        indexes: [
            .init(name: "due", keys: ["endpoint_id": 1, "next_at": 1, "order": 1], filter: pending),
            .init(name: "line", keys: ["endpoint_id": 1, "user_id": 1, "order": 1], filter: pending),
            .init(name: "newest", keys: ["_id.shop_id": 1, "created_at": -1, "_id.delivery_id": -1]),
            .init(name: "newest_of_endpoint", keys: ["_id.shop_id": 1, "endpoint_id": 1, "created_at": -1, "_id.delivery_id": -1]),
            .init(name: "newest_by_status", keys: ["_id.shop_id": 1, "status": 1, "created_at": -1, "_id.delivery_id": -1]),
            .init(
                name: "newest_of_user", keys: ["_id.shop_id": 1, "user_id": 1, "created_at": -1, "_id.delivery_id": -1],
                filter: ["user_id": ["$type": "string"]]),
            Retention.index(days: keptDays),
        ])

    /// For how many days a delivery is kept when it is done.
    package static let keptDays: Int64 = 30

    private static let pending: Document = ["status": .string(WebhookDelivery.Status.pending.rawValue)]

    package static func insert(_ deliveries: [(tenant: Tenant, delivery: WebhookDelivery)], in transaction: Transaction) throws {
        guard !deliveries.isEmpty else { return }
        try transaction.insert(schema.name, deliveries.map { $0.delivery.document(of: $0.tenant) })
    }

    package static func find(_ id: WebhookDeliveryID, of tenant: Tenant, _ reading: Reading) throws -> WebhookDelivery? {
        try reading.findOne(schema.name, ["_id": Key.of(tenant, "delivery_id", id)]).map { try WebhookDelivery($0) }
    }

    /// Gives up what waits for an endpoint. Idempotent.
    package static func giveUp(_ endpoint: WebhookEndpointID, because note: String, _ writing: Writing) throws {
        var filter = pending
        filter["endpoint_id"] = .id(endpoint)
        _ = try writing.updateMany(
            schema.name, filter,
            [
                "$set": ["status": .string(WebhookDelivery.Status.failed.rawValue), "next_at": .null, "note": .string(note)],
                "$currentDate": .document([(Retention.field, .bool(true))]),
            ])
    }

    /// Forgets what users were told of.
    static func forget(_ user: UserID, of tenant: Tenant, in transaction: Transaction) throws {
        _ = try transaction.deleteMany(schema.name, tenant.documents(about: user))
    }
}

/// What is to be sent: of all shops, as one worker sends it.
extension WebhookDeliveries {
    /// An endpoint for which something waits, in the order of the ids: the first one after `last`.
    package static func nextEndpoint(
        after last: WebhookEndpointID?, _ reading: Reading
    ) throws -> (tenant: Tenant, endpoint: WebhookEndpointID)? {
        var filter = pending
        filter["endpoint_id"] = ["$gt": .string(last?.rawValue ?? "")]
        let found = try reading.findOne(schema.name, filter, sort: ["endpoint_id": 1], projection: ["endpoint_id": 1])
        return try found.map { (Tenant(shop: try $0.document("_id").id("shop_id")), try $0.id("endpoint_id")) }
    }

    /// The users of whom something is due for the endpoint, the longest due first, without those of `excluded`; nil stands for messages about nobody.
    package static func dueUsers(
        of endpoint: WebhookEndpointID, by now: Timestamp, without excluded: Set<UserID?>, limit: Int, _ reading: Reading
    ) throws -> [UserID?] {
        var filter = pending
        filter["endpoint_id"] = .id(endpoint)
        filter["next_at"] = ["$lte": .time(now)]
        if !excluded.isEmpty { filter["user_id"] = ["$nin": .array(excluded.map { .text($0?.rawValue) })] }
        var (users, seen): ([UserID?], Set<UserID?>) = ([], [])
        let found = try reading.find(
            schema.name, filter, sort: ["next_at": 1, "order": 1], projection: ["user_id": 1], limit: limit * 4)
        for document in found {
            let user = try document.optionalString("user_id").map { UserID(stored: $0) }
            if seen.insert(user).inserted { users.append(user) }
        }
        return Array(users.prefix(limit))
    }

    /// The next messages about the user for the endpoint, in their order, due or not.
    package static func line(
        of user: UserID?, for endpoint: WebhookEndpointID, limit: Int, _ reading: Reading
    ) throws -> [WebhookDelivery] {
        try reading.find(schema.name, line(of: user, endpoint), sort: ["order": 1], limit: limit).map { try WebhookDelivery($0) }
    }

    /// Lets what is due behind a message that waits wait as long.
    package static func postpone(
        _ user: UserID?, of endpoint: WebhookEndpointID, from now: Timestamp, to next: Timestamp, _ writing: Writing
    ) throws {
        var filter = line(of: user, endpoint)
        filter["next_at"] = ["$lte": .time(now)]
        _ = try writing.updateMany(schema.name, filter, ["$set": ["next_at": .time(next)]])
    }

    /// Makes all that waits for an endpoint due, as it answers again.
    package static func hasten(_ endpoint: WebhookEndpointID, to now: Timestamp, _ writing: Writing) throws {
        var filter = pending
        filter["endpoint_id"] = .id(endpoint)
        filter["next_at"] = ["$gt": .time(now)]
        _ = try writing.updateMany(schema.name, filter, ["$set": ["next_at": .time(now)]])
    }

    /// Stores the attempts of deliveries that were pending.
    package static func keep(_ deliveries: [(tenant: Tenant, delivery: WebhookDelivery)], _ writing: Writing) throws {
        let writes = deliveries.map { tenant, delivery -> BulkWrite in
            var set = delivery.progress
            if delivery.status == .pending { set.append("next_at", .time(delivery.nextAt)) }
            var filter: Document = ["_id": Key.of(tenant, "delivery_id", delivery.id)]
            filter["status"] = pending["status"]
            guard delivery.status != .pending else { return .updateOne(filter: filter, update: ["$set": .document(set)]) }
            set.append("next_at", .null)
            return .updateOne(
                filter: filter, update: ["$set": .document(set), "$currentDate": .document([(Retention.field, .bool(true))])])
        }
        _ = try writing.bulk(schema.name, writes, ordered: false)
    }

    /// How many messages wait, of all shops, up to `limit`; and since when the oldest does.
    package static func backlog(_ reading: Reading) throws -> Int { try reading.count(schema.name, pending) }

    private static func line(of user: UserID?, _ endpoint: WebhookEndpointID) -> Document {
        var filter = pending
        filter["endpoint_id"] = .id(endpoint)
        filter["user_id"] = .text(user?.rawValue)
        return filter
    }
}

extension WebhookDeliveryList: StoredList {
    package func listing(of tenant: Tenant) -> Listing<WebhookDelivery, TimedKey<WebhookDeliveryID>> {
        var filter = tenant.documents(about: user)
        if let endpoint { filter["endpoint_id"] = .id(endpoint) }
        if let status { filter["status"] = .string(status.rawValue) }
        return Listing(WebhookDeliveries.schema, filter, .newestFirst("created_at", then: "_id.delivery_id")) {
            try WebhookDelivery($0)
        }
    }
}

extension WebhookDelivery {
    fileprivate init(_ document: Document) throws {
        self.init(
            id: try document.document("_id").id("delivery_id"), endpoint: try document.id("endpoint_id"),
            message: try document.id("message_id"), type: try document.value("type"),
            user: try document.optionalString("user_id").map { UserID(stored: $0) }, order: try document.int64("order"),
            body: try document.string("body"), createdAt: try document.time("created_at"), status: try document.value("status"),
            nextAt: try document.optionalTime("next_at"), count: try document.int64("count"),
            attempts: try document.documents("attempts").map { try WebhookAttempt($0) }, note: try document.optionalString("note"))
    }

    fileprivate func document(of tenant: Tenant) -> Document {
        var document: Document = [
            "_id": Key.of(tenant, "delivery_id", id), "endpoint_id": .id(endpoint), "message_id": .id(message),
            "type": .string(type.rawValue), "user_id": .text(user?.rawValue), "order": .int64(order), "body": .string(body),
            "created_at": .time(createdAt), "next_at": .time(nextAt),
        ]
        for (key, value) in progress { document.append(key, value) }
        return document
    }

    fileprivate var progress: Document {
        [
            "status": .string(status.rawValue), "count": .int64(count), "attempts": .array(attempts.map { .document($0.document) }),
            "note": .text(note),
        ]
    }
}

extension WebhookAttempt {
    fileprivate init(_ document: Document) throws {
        self.init(
            at: try document.time("at"), milliseconds: try document.int64("ms"), status: try document.optionalInt64("status"),
            answer: try document.optionalString("answer"), error: try document.optionalString("error"))
    }

    fileprivate var document: Document {
        [
            "at": .time(at), "ms": .int64(milliseconds), "status": .long(status), "answer": .text(answer), "error": .text(error),
        ]
    }
}
