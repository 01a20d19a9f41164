internal import BSON
package import Metering
internal import Mongo

package struct WalletKey: Hashable, Sendable {
    package let tenant: Tenant
    package let owner: WalletOwner

    package init(tenant: Tenant, owner: WalletOwner) {
        self.tenant = tenant
        self.owner = owner
    }

    var value: Value { .document([("shop_id", .id(tenant.shop))] + owner.fields) }
}

/// Prepaid money of users and projects. A wallet is read and changed in one transaction, so that a change of another one meanwhile is a write
/// conflict. The transaction also inserts a `WalletEntries` document for each change of a balance.
package enum Wallets {
    static let schema = CollectionSchema(
        name: "wallets",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "kind": WalletOwner.kinds, "owner_id": Property.string]),
            "creator_id": Property.optionalString, "first_project_of": Property.string, "currency": Property.string,
            "balance": Property.amount, "entries": Property.quantity, "is_pro": Property.bool, "monthly_quota": Property.amount,
            "quota_used": Property.amount, "quota_month": Property.string, "quota_ends": Property.time,
            "closed_months": ["bsonType": "array", "maxItems": .int64(Int64(MonthlyQuota.maximumClosed))],
            "created_at": Property.time, "updated_at": Property.time, "initial_credit": Property.bool,
            "watch": ["bsonType": "object"],
        ],
        required: ["_id", "currency", "balance", "entries", "created_at"],
        indexes: [
            .init(
                name: "one_first_project", keys: ["_id.shop_id": 1, "first_project_of": 1], isUnique: true,
                filter: ["first_project_of": ["$exists": true]]),
            .init(name: "quota_ends", keys: ["_id.shop_id": 1, "quota_ends": 1], filter: ["quota_ends": ["$exists": true]]),
        ])

    package static func find(_ keys: Set<WalletKey>, _ reading: Reading) throws -> [WalletKey: Wallet] {
        try schema.find(keys.map(\.value), reading) { tenant, document in
            let wallet = try Wallet(document)
            return (WalletKey(tenant: tenant, owner: wallet.owner), wallet)
        }
    }

    package static func find(_ owner: WalletOwner, of tenant: Tenant, _ reading: Reading) throws -> Wallet? {
        try reading.findOne(schema.name, ["_id": WalletKey(tenant: tenant, owner: owner).value]).map { try Wallet($0) }
    }

    /// Throws `duplicate` when the owner has a wallet, or with `isFirstProject` when the creator has a first project.
    package static func insert(_ wallet: Wallet, isFirstProject: Bool = false, of tenant: Tenant, in transaction: Transaction) throws {
        var document: Document = [
            "_id": WalletKey(tenant: tenant, owner: wallet.owner).value, "currency": .string(wallet.currency.code),
            "created_at": .time(wallet.createdAt), "initial_credit": .bool(wallet.isCredited),
        ]
        if let creator = wallet.creator { document["creator_id"] = .id(creator) }
        if isFirstProject, let creator = wallet.creator { document["first_project_of"] = .id(creator) }
        for (key, value) in try wallet.state { document[key] = value }
        try transaction.insert(schema.name, [document])
    }

    /// Stores the balances, counts of entries and quotas of stored wallets. Throws `conflict` when one is gone.
    package static func save(_ wallets: [WalletKey: Wallet], in transaction: Transaction) throws {
        guard !wallets.isEmpty else { return }
        let writes = try wallets.map { key, wallet in
            BulkWrite.updateOne(filter: ["_id": key.value], update: ["$set": .document(Document(try wallet.state))])
        }
        let result = try transaction.bulk(schema.name, writes, ordered: false)
        guard result.matched == writes.count else { throw StoreError(.conflict, "A wallet is gone since it was read.") }
    }

    /// Whether the creator has opened a project.
    package static func hasProject(of creator: UserID, in tenant: Tenant, _ reading: Reading) throws -> Bool {
        let filter: Document = ["_id.shop_id": .id(tenant.shop), "first_project_of": .id(creator)]
        return try reading.findOne(schema.name, filter, projection: ["_id": 1]) != nil
    }

    /// Users whose quota's month is over at `now`, the longest due first. `users` are left out; projects have no quota.
    package static func due(
        at now: Timestamp, of tenant: Tenant, without users: Set<UserID>, limit: Int, _ reading: Reading
    ) throws -> [UserID] {
        var filter: Document = [
            "_id.shop_id": .id(tenant.shop), "_id.kind": "user", "quota_ends": ["$lte": .time(now), "$exists": true],
        ]
        filter.exclude(users, in: "_id.owner_id")
        return try reading.find(schema.name, filter, sort: ["quota_ends": 1], projection: ["_id": 1], limit: limit)
            .map { try $0.document("_id").id("owner_id") }
    }
}

/// By kind and owner.
extension Wallet: StoredByID {
    package static func everything(of tenant: Tenant) -> Listing<Wallet, Wallet> {
        let order = ListOrder<Wallet>.ascending("_id") { WalletKey(tenant: tenant, owner: $0.owner).value }
        return Listing(Wallets.schema, Key.range(of: tenant, then: "kind"), order) { try Wallet($0) }
    }
}

extension WalletOwner {
    static let kinds = Property.oneOf(["project", "user"])

    /// `kind` and `owner_id`.
    var fields: [(String, Value)] {
        switch self {
        case .project(let id): [("kind", "project"), ("owner_id", .id(id))]
        case .user(let id): [("kind", "user"), ("owner_id", .id(id))]
        }
    }

    init(_ document: Document) throws {
        switch try document.string("kind") {
        case "project": self = .project(try document.id("owner_id"))
        case "user": self = .user(try document.id("owner_id"))
        default: throw StoreError(.invalid, "A wallet's kind is unknown.")
        }
    }
}

extension Wallet {
    init(_ document: Document) throws {
        self.init(
            owner: try WalletOwner(document.document("_id")), creator: try document.optionalString("creator_id").map(UserID.init(stored:)),
            currency: Currency(stored: try document.string("currency")), createdAt: try document.time("created_at"),
            isCredited: document["initial_credit"] == nil
                ? document["creator_id"] == nil || document["first_project_of"] != nil : try document.bool("initial_credit"),
            updatedAt: try document.optionalTime("updated_at"),
            balance: try document.money("balance"), entries: try document.int64("entries"),
            quota: document["quota_month"] == nil ? nil : try MonthlyQuota(document),
            watch: try document.optionalDocument("watch").map { try WalletWatch($0) })
    }

    fileprivate var state: [(String, Value)] {
        get throws {
            [("balance", try .money(balance)), ("entries", .int64(entries)), ("updated_at", .time(updatedAt))] + (try quota?.fields ?? [])
                + (try watch.map { [("watch", .document(try $0.document))] } ?? [])
        }
    }
}

extension MonthlyQuota {
    fileprivate init(_ document: Document) throws {
        self.init(
            isPro: try document.bool("is_pro"), monthly: try document.money("monthly_quota"), month: try document.day("quota_month"),
            used: try document.money("quota_used"),
            closed: try document.documents("closed_months").map {
                ClosedMonth(month: try $0.day("month"), monthly: try $0.money("monthly_quota"), used: try $0.money("used"))
            })
    }

    fileprivate var fields: [(String, Value)] {
        get throws {
            let closed = try closed.map { closed -> Value in
                ["month": .day(closed.month), "monthly_quota": try .money(closed.monthly), "used": try .money(closed.used)]
            }
            return [
                ("is_pro", .bool(isPro)), ("monthly_quota", try .money(monthly)), ("quota_used", try .money(used)),
                ("quota_month", .day(month)), ("quota_ends", .time(end)), ("closed_months", .array(closed)),
            ]
        }
    }
}

extension WalletWatch {
    fileprivate init(_ document: Document) throws {
        self.init(
            lowBelow: try document.optionalMoney("low_below"),
            topUp: try document.optionalDocument("top_up").map {
                TopUpTerms(
                    below: try $0.money("below"), amount: try $0.money("amount"), monthlyMaximum: try $0.optionalMoney("monthly_maximum"),
                    cooldown: try $0.int64("cooldown_seconds"))
            },
            isLow: try document.bool("is_low"), isAsked: try document.bool("is_asked"), askedAt: try document.optionalTime("asked_at"),
            askedInMonth: try document.money("asked_in_month"))
    }

    fileprivate var document: Document {
        get throws {
            let terms = try topUp.map { terms -> Value in
                [
                    "below": try .money(terms.below), "amount": try .money(terms.amount),
                    "monthly_maximum": try .money(terms.monthlyMaximum),
                    "cooldown_seconds": .int64(terms.cooldown),
                ]
            }
            return [
                "low_below": try .money(lowBelow), "top_up": terms ?? .null, "is_low": .bool(isLow), "is_asked": .bool(isAsked),
                "asked_at": .time(askedAt), "asked_in_month": try .money(askedInMonth),
            ]
        }
    }
}
