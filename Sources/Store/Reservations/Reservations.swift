internal import BSON
package import Metering
internal import Mongo

package typealias ReservationKey = ShopKey<ReservationID>

extension ReservationKey {
    fileprivate var value: Value { Key.of(tenant, "reservation_id", id) }
}

/// A reservation to be stored. Its account is saved in the same transaction, so that the account's version guards both.
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
        var update: Document = ["$set": .document(after.progress)]
        if after.state != .open { update["$currentDate"] = Self.end }
        return .updateOne(filter: ["_id": id], update: .operators(update))
    }

    /// Gives one that was made and ended at once the time of its end, which an insert cannot ask the server for; nil for every other.
    fileprivate var ending: BulkWrite? {
        guard isNew, after.state != .open else { return nil }
        let id = Key.of(tenant, "reservation_id", after.id)
        return .updateOne(filter: ["_id": id], update: .operators(["$currentDate": Self.end]))
    }

    /// By the server's clock, as the expiry goes by it: a test shop's stands, or is ahead.
    private static let end: Value = [Retention.field: true]
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
            Retention.field: Property.time,
        ],
        required: ["_id", "user_id", "meter", "amount", "created_at", "expires_at", "state", "outstanding", "committed"],
        indexes: [
            .init(name: "newest", keys: ["_id.shop_id": 1, "created_at": -1, "_id.reservation_id": -1]),
            .init(name: "newest_of_user", keys: ["_id.shop_id": 1, "user_id": 1, "created_at": -1, "_id.reservation_id": -1]),
            .init(name: "open", keys: ["_id.shop_id": 1, "expires_at": 1], filter: open),
            Retention.index(days: 90),
            .init(name: "open_of_user", keys: ["_id.shop_id": 1, "user_id": 1, "expires_at": 1], filter: open),
        ])

    private static let open: Document = ["state": .string(ReservationState.open.rawValue)]

    package static func find(_ keys: [ReservationKey], _ reading: Reading) throws -> [ReservationKey: Reservation] {
        try schema.find(keys.map(\.value), reading) { tenant, document in
            let reservation = try Reservation(document)
            return (ReservationKey(tenant: tenant, id: reservation.id), reservation)
        }
    }

    package static func find(_ id: ReservationID, of tenant: Tenant, _ reading: Reading) throws -> Reservation? {
        try find([ReservationKey(tenant: tenant, id: id)], reading).values.first
    }

    /// The users' open reservations that expire by the time, the first to expire first.
    package static func open(
        of users: [UserID], in tenant: Tenant, expiringBy time: Timestamp, limit: Int, _ reading: Reading
    ) throws -> [Reservation] {
        try open(of: ["$in": .array(users.map { .id($0) })], in: tenant, ["$lte": .time(time)], limit: limit, reading)
    }

    /// The user's open reservations that expire after the time, the first to expire first.
    package static func open(
        of user: UserID, in tenant: Tenant, expiringAfter time: Timestamp, limit: Int, _ reading: Reading
    ) throws -> [Reservation] {
        try open(of: .id(user), in: tenant, ["$gt": .time(time)], limit: limit, reading)
    }

    private static func open(
        of user: Value, in tenant: Tenant, _ expiry: Value, limit: Int, _ reading: Reading
    ) throws -> [Reservation] {
        let filter: Document = ["_id.shop_id": .id(tenant.shop), "user_id": user, "state": "open", "expires_at": expiry]
        return try reading.find(schema.name, filter, sort: ["expires_at": 1], limit: limit).map { try Reservation($0) }
    }

    /// The shop's open reservations that have expired at `now`, the longest expired first. Those of `users` are left out.
    package static func overdue(
        at now: Timestamp, of tenant: Tenant, without users: Set<UserID> = [], limit: Int, _ reading: Reading
    ) throws -> [Reservation] {
        var filter: Document = ["_id.shop_id": .id(tenant.shop), "state": "open", "expires_at": ["$lte": .time(now)]]
        filter.exclude(users, in: "user_id")
        return try reading.find(schema.name, filter, sort: ["expires_at": 1], limit: limit).map { try Reservation($0) }
    }

    /// When the shop's first open reservation expires.
    package static func nextExpiry(of tenant: Tenant, _ reading: Reading) throws -> Timestamp? {
        try reading.findOne(
            schema.name, ["_id.shop_id": .id(tenant.shop), "state": "open"], sort: ["expires_at": 1], projection: ["expires_at": 1]
        )?.time("expires_at")
    }

    /// Throws `duplicate` when the id of a new reservation is taken; then the transaction is over.
    package static func save(_ changes: [ReservationChange], in transaction: Transaction) throws {
        guard !changes.isEmpty else { return }
        let result = try transaction.bulk(schema.name, changes.map(\.write), ordered: false)
        guard result.matched + result.inserted == changes.count else {
            throw StoreError(.conflict, "A reservation is gone since it was read.")
        }
        _ = try transaction.bulk(schema.name, changes.compactMap(\.ending), ordered: false)
    }
}

extension ReservationList: StoredList {
    package func listing(of tenant: Tenant) -> Listing<Reservation, TimedKey<ReservationID>> {
        var filter = tenant.documents(about: user)
        if let state { filter["state"] = .string(state.rawValue) }
        return Listing(Reservations.schema, filter, .newestFirst("created_at", then: "_id.reservation_id")) { try Reservation($0) }
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

    /// The fields that the reservation's steps change.
    fileprivate var progress: Document {
        [
            "state": .string(state.rawValue), "outstanding": .int64(outstanding), "committed": .int64(committed),
            "final_event_id": .text(finalEvent?.rawValue),
        ]
    }
}
