internal import BSON
package import Metering
internal import Mongo

package struct ReservationKey: Hashable, Sendable {
    package let tenant: Tenant
    package let id: ReservationID

    package init(tenant: Tenant, id: ReservationID) {
        self.tenant = tenant
        self.id = id
    }

    fileprivate var value: Value { Key.of(tenant, "reservation_id", id) }
}

/// A reservation as it was read, nil when there was none, and as it is to be. Its account is saved in the same transaction, so that the
/// account's version guards both.
package struct ReservationChange: Sendable {
    package let tenant: Tenant
    package let isNew: Bool
    package let after: Reservation

    package init(tenant: Tenant, isNew: Bool, after: Reservation) {
        self.tenant = tenant
        self.isNew = isNew
        self.after = after
    }

    fileprivate var write: BulkWrite {
        let id = Key.of(tenant, "reservation_id", after.id)
        if isNew { return .insert(after.document(id: id)) }
        return .updateOne(filter: ["_id": id], update: ["$set": .document(after.progress)])
    }
}

/// Holds on allowances.
package enum Reservations {
    static let schema = CollectionSchema(
        name: "reservations",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "reservation_id": Property.string]), "user_id": Property.string,
            "meter": Property.string, "amount": Property.quantity, "created_at": Property.time, "expires_at": Property.time,
            "remaining": Property.optionalQuantity, "state": Property.oneOf(ReservationState.allCases.map(\.rawValue)),
            "outstanding": Property.quantity, "committed": Property.quantity, "final_event_id": Property.optionalString,
        ],
        required: ["_id", "user_id", "meter", "amount", "created_at", "expires_at", "state", "outstanding", "committed"],
        indexes: [
            .init(name: "newest", keys: ["_id.shop_id": 1, "created_at": -1, "_id.reservation_id": -1]),
            .init(name: "newest_of_user", keys: ["_id.shop_id": 1, "user_id": 1, "created_at": -1, "_id.reservation_id": -1]),
            .init(name: "open", keys: ["_id.shop_id": 1, "expires_at": 1], filter: open),
            .init(name: "open_of_user", keys: ["_id.shop_id": 1, "user_id": 1, "expires_at": 1], filter: open),
        ])

    private static let open: Document = ["state": .string(ReservationState.open.rawValue)]

    package static func find(_ keys: [ReservationKey], _ reading: Reading) throws -> [ReservationKey: Reservation] {
        guard !keys.isEmpty else { return [:] }
        let found = try reading.find(schema.name, ["_id": ["$in": .array(keys.map(\.value))]]).map { document in
            (Tenant(shop: try document.document("_id").id("shop_id")), try Reservation(document))
        }
        return Dictionary(found.map { (ReservationKey(tenant: $0, id: $1.id), $1) }, uniquingKeysWith: { first, _ in first })
    }

    package static func find(_ id: ReservationID, of tenant: Tenant, _ reading: Reading) throws -> Reservation? {
        try find([ReservationKey(tenant: tenant, id: id)], reading).values.first
    }

    /// Open ones of a user, the first to expire first.
    package static func open(
        of user: UserID, in tenant: Tenant, expiringBy time: Timestamp? = nil, limit: Int, _ reading: Reading
    ) throws -> [Reservation] {
        var filter: Document = ["_id.shop_id": .id(tenant.shop), "user_id": .id(user), "state": "open"]
        if let time { filter["expires_at"] = ["$lte": .time(time)] }
        return try reading.find(schema.name, filter, sort: ["expires_at": 1], limit: limit).map { try Reservation($0) }
    }

    /// Open ones of a shop that are past their time, the longest first, without those of some users.
    package static func overdue(
        at now: Timestamp, of tenant: Tenant, without users: Set<UserID> = [], limit: Int, _ reading: Reading
    ) throws -> [Reservation] {
        var filter: Document = ["_id.shop_id": .id(tenant.shop), "state": "open", "expires_at": ["$lte": .time(now)]]
        filter.exclude(users, in: "user_id")
        return try reading.find(schema.name, filter, sort: ["expires_at": 1], limit: limit).map { try Reservation($0) }
    }

    /// When the first open one of the shop's expires.
    package static func nextExpiry(of tenant: Tenant, _ reading: Reading) throws -> Timestamp? {
        try reading.findOne(
            schema.name, ["_id.shop_id": .id(tenant.shop), "state": "open"], sort: ["expires_at": 1], projection: ["expires_at": 1]
        )?.time("expires_at")
    }

    /// What a list is narrowed to.
    package struct Filter: Sendable {
        package var user: UserID?
        package var state: ReservationState?

        package init(user: UserID? = nil, state: ReservationState? = nil) {
            self.user = user
            self.state = state
        }
    }

    /// Newest first, from behind the one that was made `at` with that id.
    package static func list(
        of tenant: Tenant, _ filter: Filter, after: (at: Timestamp, id: ReservationID)?, limit: Int, _ reading: Reading
    ) throws -> [Reservation] {
        var document: Document = ["_id.shop_id": .id(tenant.shop)]
        if let user = filter.user { document["user_id"] = .id(user) }
        if let state = filter.state { document["state"] = .string(state.rawValue) }
        document.page(after: after, time: "created_at", id: "_id.reservation_id")
        let sort: Document = ["created_at": -1, "_id.reservation_id": -1]
        return try reading.find(schema.name, document, sort: sort, limit: limit).map { try Reservation($0) }
    }

    /// Throws `duplicate` when a new one's id is taken; then the transaction is over.
    package static func save(_ changes: [ReservationChange], in transaction: Transaction) throws {
        guard !changes.isEmpty else { return }
        let result = try transaction.bulk(schema.name, changes.map(\.write), ordered: false)
        guard result.matched + result.inserted == changes.count else {
            throw StoreError(.conflict, "A reservation is gone since it was read.")
        }
    }
}

extension Reservation {
    fileprivate init(_ document: Document) throws {
        self.init(
            id: try document.document("_id").id("reservation_id"), user: try document.id("user_id"), meter: try document.id("meter"),
            amount: try document.int64("amount"), createdAt: try document.time("created_at"), expiresAt: try document.time("expires_at"),
            remaining: try document.optionalInt64("remaining"), state: try document.value("state"),
            outstanding: try document.int64("outstanding"), committed: try document.int64("committed"),
            finalEvent: try document.optionalString("final_event_id").map { EventID(stored: $0) })
    }

    fileprivate func document(id: Value) -> Document {
        var document: Document = [
            "_id": id, "user_id": .id(user), "meter": .id(meter), "amount": .int64(amount), "created_at": .time(createdAt),
            "expires_at": .time(expiresAt), "remaining": remaining.map { .int64($0) } ?? .null,
        ]
        for (key, value) in progress { document.append(key, value) }
        return document
    }

    /// What its life changes.
    fileprivate var progress: Document {
        [
            "state": .string(state.rawValue), "outstanding": .int64(outstanding), "committed": .int64(committed),
            "final_event_id": .text(finalEvent?.rawValue),
        ]
    }
}
