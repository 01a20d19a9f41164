internal import BSON
package import Metering
internal import Mongo

/// The log of changes of money, plans, clocks and keys, with who made them and why. Each is inserted in the transaction of its change.
package enum AuditTrail {
    static let schema = CollectionSchema(
        name: "audit_log",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "entry_id": Property.string]),
            "action": Property.oneOf(AuditAction.allCases.map(\.rawValue)), "actor": Property.string, "reason": Property.optionalString,
            "user_id": Property.optionalString, "target": Property.optionalString, "at": Property.time,
        ],
        required: ["_id", "action", "actor", "at"],
        indexes: [
            .init(name: "newest", keys: ["_id.shop_id": 1, "at": -1, "_id.entry_id": -1]),
            .init(
                name: "newest_of_user", keys: ["_id.shop_id": 1, "user_id": 1, "at": -1, "_id.entry_id": -1],
                filter: ["user_id": ["$type": "string"]]),
            .init(name: "newest_by_action", keys: ["_id.shop_id": 1, "action": 1, "at": -1, "_id.entry_id": -1]),
        ])

    package static func insert(_ entries: [(tenant: Tenant, entry: AuditEntry)], in transaction: Transaction) throws {
        guard !entries.isEmpty else { return }
        let documents = entries.map {
            RecordedAuditEntry(id: AuditEntryID(stored: ObjectID().description), entry: $0.entry).document(of: $0.tenant)
        }
        try transaction.insert(schema.name, documents)
    }

    /// Notes a change of the present author's, about a user or of the shop.
    package static func note(
        _ action: AuditAction, _ target: String? = nil, about user: UserID? = nil, at now: Timestamp, of tenant: Tenant,
        in transaction: Transaction
    ) throws {
        try insert([(tenant, AuditEntry(action, by: .current, user: user, target: target, at: now))], in: transaction)
    }
}

extension AuditList: StoredList {
    package func listing(of tenant: Tenant) -> Listing<RecordedAuditEntry, TimedKey<AuditEntryID>> {
        var filter = tenant.documents(about: user)
        if let action { filter["action"] = .string(action.rawValue) }
        return Listing(AuditTrail.schema, filter, .newestFirst("at", then: "_id.entry_id")) { try RecordedAuditEntry($0) }
    }
}

extension RecordedAuditEntry: StoredByID {
    package static func everything(of tenant: Tenant) -> Listing<RecordedAuditEntry, RecordedAuditEntry> {
        let order = ListOrder<RecordedAuditEntry>.ascending("_id") { Key.of(tenant, "entry_id", $0.id) }
        return Listing(AuditTrail.schema, Key.range(of: tenant, then: "entry_id"), order) { try RecordedAuditEntry($0) }
    }
}

extension RecordedAuditEntry {
    fileprivate init(_ document: Document) throws {
        self.init(
            id: try document.document("_id").id("entry_id"),
            entry: AuditEntry(
                try document.value("action"),
                by: Author(Actor(stored: try document.string("actor")), reason: try document.optionalString("reason")),
                user: try document.optionalString("user_id").map(UserID.init(stored:)), target: try document.optionalString("target"),
                at: try document.time("at")))
    }

    fileprivate func document(of tenant: Tenant) -> Document {
        [
            "_id": Key.of(tenant, "entry_id", id), "action": .string(entry.action.rawValue), "actor": .string(entry.author.actor.text),
            "reason": .text(entry.author.reason), "user_id": .text(entry.user?.rawValue), "target": .text(entry.target),
            "at": .time(entry.at),
        ]
    }
}
