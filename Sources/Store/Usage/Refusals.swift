internal import BSON
package import Metering
internal import Mongo

/// Requests that were refused, each with what `check` said. No balance rests on them: they are written beside the requests, and not all of a flood.
package enum Refusals {
    static let schema = CollectionSchema(
        name: "refusals",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "refusal_id": Property.string]),
            "kind": Property.oneOf(Refusal.Kind.allCases.map(\.rawValue)), "user_id": Property.string, "request_id": Property.string,
            "meter": Property.string, "limit": Property.optionalQuantity, "current": Property.quantity, "requested": Property.quantity,
            "available": Property.optionalQuantity, "reserved": Property.quantity, "reason": Property.optionalString, "at": Property.time,
            "kept_at": Property.time,
        ],
        required: ["_id", "kind", "user_id", "request_id", "meter", "current", "requested", "reserved", "at", "kept_at"],
        indexes: [
            .init(name: "newest", keys: ["_id.shop_id": 1, "at": -1, "_id.refusal_id": -1]),
            .init(name: "newest_of_user", keys: ["_id.shop_id": 1, "user_id": 1, "at": -1, "_id.refusal_id": -1]),
            .init(name: "expiry", keys: ["kept_at": 1], expiresAfterSeconds: keptSeconds),
        ])

    /// 30 days.
    static let keptSeconds: Int64 = 30 * 86_400

    /// `now`: by the system's clock.
    package static func insert(_ refusals: [(tenant: Tenant, refusal: Refusal)], at now: Timestamp, _ writing: Writing) throws {
        let documents = try refusals.map { tenant, refusal in
            var document = try refusal.document(as: RefusalID(stored: ObjectID().description), of: tenant)
            document.append("kept_at", .time(now))
            return document
        }
        try writing.insert(schema.name, documents, ordered: false)
    }

    static func forget(_ user: UserID, of tenant: Tenant, in transaction: Transaction) throws {
        _ = try transaction.deleteMany(schema.name, tenant.documents(about: user))
    }
}

extension RefusalList: StoredList {
    package func listing(of tenant: Tenant) -> Listing<KeptRefusal, TimedKey<RefusalID>> {
        Listing(Refusals.schema, tenant.documents(about: user), .newestFirst("at", then: "_id.refusal_id")) { try KeptRefusal($0) }
    }
}

extension KeptRefusal {
    fileprivate init(_ document: Document) throws {
        let (limit, requested): (Metering.Limit, Quantity) = (try document.limit("limit"), try document.int64("requested"))
        let taken = try document.document("would_take")
        let check = UsageCheck(
            meter: try document.id("meter"), isAllowed: false, limit: limit, current: try document.int64("current"), requested: requested,
            available: try document.optionalInt64("available"), reserved: try document.int64("reserved"),
            wouldTake: Breakdown(
                fromSubscription: try taken.int64("from_subscription"), fromRollover: try taken.int64("from_rollover"),
                fromPurchased: try taken.int64("from_purchased"), overflowToDebt: try taken.int64("overflow_to_debt")),
            reason: try document.optionalString("reason"))
        self.init(
            id: try document.document("_id").id("refusal_id"),
            refusal: Refusal(
                try document.value("kind"), of: try document.string("request_id"), by: try document.id("user_id"), check,
                at: try document.time("at")))
    }
}

extension Refusal {
    fileprivate func document(as id: RefusalID, of tenant: Tenant) throws -> Document {
        [
            "_id": Key.of(tenant, "refusal_id", id), "kind": .string(kind.rawValue), "user_id": .id(user), "request_id": .string(request),
            "meter": .id(check.meter), "limit": .limit(check.limit), "current": .int64(check.current), "requested": .int64(check.requested),
            "available": .long(check.available), "reserved": .int64(check.reserved),
            "would_take": [
                "from_subscription": .int64(check.wouldTake.fromSubscription), "from_rollover": .int64(check.wouldTake.fromRollover),
                "from_purchased": .int64(check.wouldTake.fromPurchased), "overflow_to_debt": .int64(check.wouldTake.overflowToDebt),
            ],
            "reason": .text(check.reason), "at": .time(at),
        ]
    }
}
