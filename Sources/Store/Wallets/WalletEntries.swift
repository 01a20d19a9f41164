internal import BSON
internal import Bytes
package import Metering
internal import Mongo

/// The `_id` of a wallet entry: its type, and the id of its charge or credit, or the wallet that it opened.
package struct WalletEntryKey: Hashable, Sendable {
    package let tenant: Tenant
    private let type: String
    @Bytewise private var id: String

    fileprivate init(tenant: Tenant, type: String, id: String) {
        (self.tenant, self.type) = (tenant, type)
        self.id = id
    }

    package static func charge(_ id: ChargeID, _ tenant: Tenant) -> WalletEntryKey {
        WalletEntryKey(tenant: tenant, type: "charge", id: id.rawValue)
    }

    package static func credit(_ id: CreditID, _ tenant: Tenant) -> WalletEntryKey {
        WalletEntryKey(tenant: tenant, type: "credit", id: id.rawValue)
    }

    package static func refund(_ id: RefundID, _ tenant: Tenant) -> WalletEntryKey {
        WalletEntryKey(tenant: tenant, type: "refund", id: id.rawValue)
    }

    fileprivate static func fallback(_ id: ChargeID, _ tenant: Tenant) -> WalletEntryKey {
        WalletEntryKey(tenant: tenant, type: "fallback", id: id.rawValue)
    }

    package static func opening(_ owner: WalletOwner, _ tenant: Tenant) -> WalletEntryKey {
        switch owner {
        case .project(let id): WalletEntryKey(tenant: tenant, type: "opening", id: "project/\(id)")
        case .user(let id): WalletEntryKey(tenant: tenant, type: "opening", id: "user/\(id)")
        }
    }

    var value: Value { ["shop_id": .id(tenant.shop), "type": .string(type), "id": .string(id)] }
}

/// The entries of wallets, one for each change of a balance. An entry is never changed.
package enum WalletEntries {
    static let schema = CollectionSchema(
        name: "wallet_entries",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "type": Property.string, "id": Property.string]),
            "kind": WalletOwner.kinds, "owner_id": Property.string, "number": Property.quantity, "amount": Property.money,
            "balance": Property.amount, "at": Property.time, "reason": Property.optionalString, "from_quota": Property.amount,
            "charge": ["bsonType": ["object", "null"]], "refund": ["bsonType": "object"], "refund_of": Property.string,
            "fallback": ["bsonType": "object"], "actor": Property.string,
        ],
        required: ["_id", "kind", "owner_id", "number", "amount", "balance", "at"],
        indexes: [
            .init(name: "by_wallet", keys: ["_id.shop_id": 1, "kind": 1, "owner_id": 1, "number": 1], isUnique: true),
            .init(
                name: "refunds_of_charge", keys: ["_id.shop_id": 1, "refund_of": 1, "number": 1], filter: ["refund_of": ["$exists": true]]),
            .init(name: "newest_charges", keys: ["_id.shop_id": 1, "at": -1, "_id.id": -1], filter: charges),
            .init(
                name: "newest_charges_of_user", keys: ["_id.shop_id": 1, "charge.user_id": 1, "at": -1, "_id.id": -1], filter: charges),
        ])

    private static let charges: Document = ["_id.type": "charge"]

    /// What of a charge was given back.
    package static func refunded(_ charge: ChargeID, of tenant: Tenant, _ reading: Reading) throws -> Money {
        let filter: Document = ["_id.shop_id": .id(tenant.shop), "refund_of": .id(charge)]
        return try reading.find(schema.name, filter).map { try WalletEntry($0).refund?.refunded ?? .zero }.max() ?? .zero
    }

    /// What was taken by the credits below 0 whose ids begin so.
    package static func taken(startingWith prefix: String, of tenant: Tenant, _ reading: Reading) throws -> Money {
        let (first, end) = (
            WalletEntryKey(tenant: tenant, type: "credit", id: prefix), WalletEntryKey(tenant: tenant, type: "credit", id: prefix + Key.top)
        )
        let entries = try reading.find(schema.name, ["_id": ["$gte": first.value, "$lt": end.value]]).map { try WalletEntry($0) }
        return entries.reduce(.zero) { $0 - $1.amount }
    }

    package static func find(_ keys: Set<WalletEntryKey>, _ reading: Reading) throws -> [WalletEntryKey: WalletEntry] {
        try schema.find(keys.map(\.value), reading) { tenant, document in
            let entry = try WalletEntry(document)
            return (entry.key(tenant), entry)
        }
    }

    /// Throws `duplicate` when the id of an entry is taken; then the transaction is over.
    package static func insert(_ entries: [(tenant: Tenant, entry: WalletEntry)], in transaction: Transaction) throws {
        guard !entries.isEmpty else { return }
        try transaction.insert(schema.name, entries.map { try $0.entry.document(of: $0.tenant) })
    }

    /// The entry that opened the wallet; nil when there is no wallet.
    package static func first(of owner: WalletOwner, in tenant: Tenant, _ reading: Reading) throws -> WalletEntry? {
        try reading.findOne(schema.name, filter(of: owner, tenant), sort: ["number": 1]).map { try WalletEntry($0) }
    }

    fileprivate static func filter(of owner: WalletOwner, _ tenant: Tenant) -> Document {
        Document([("_id.shop_id", .id(tenant.shop))] + owner.fields)
    }
}

extension WalletEntryList: StoredList {
    package func listing(of tenant: Tenant) -> Listing<WalletEntry, Int64> {
        Listing(WalletEntries.schema, WalletEntries.filter(of: owner, tenant), .descending("number") { .int64($0) }) { try WalletEntry($0) }
    }
}

/// Charges that were paid, from the newest to the oldest.
extension ChargeList: StoredList {
    package func listing(of tenant: Tenant) -> Listing<WalletEntry, TimedKey<ChargeID>> {
        var filter: Document = ["_id.shop_id": .id(tenant.shop), "_id.type": "charge"]
        if let user { filter["charge.user_id"] = .id(user) }
        return Listing(WalletEntries.schema, filter, .newestFirst("at", then: "_id.id")) { try WalletEntry($0) }
    }
}

/// By type and id.
extension WalletEntry: StoredByID {
    package static func everything(of tenant: Tenant) -> Listing<WalletEntry, WalletEntry> {
        Listing(WalletEntries.schema, Key.range(of: tenant, then: "type"), .ascending("_id") { $0.key(tenant).value }) {
            try WalletEntry($0)
        }
    }
}

extension WalletEntry {
    init(_ document: Document) throws {
        let id = try document.document("_id")
        let kind: Kind =
            switch try id.string("type") {
            case "opening": .opening
            case "credit": .credit(try id.id("id"), reason: try document.string("reason"))
            case "charge":
                .charge(
                    try Charge(document.document("charge"), id: id.id("id")), fromQuota: try document.money("from_quota"))
            case "refund": .refund(try ChargeRefund(document.document("refund"), id: id.id("id"), of: document.id("refund_of")))
            case "fallback": try Self.fallback(document.document("fallback"), id: id.id("id"))
            default: throw StoreError(.invalid, "A wallet entry's type is unknown.")
            }
        self.init(
            owner: try WalletOwner(document), number: try document.int64("number"), kind: kind, amount: try document.money("amount"),
            balance: try document.money("balance"), by: try document.optionalString("actor").map(Actor.init(stored:)) ?? .system,
            at: try document.time("at"))
    }

    private static func fallback(_ document: Document, id: ChargeID) throws -> Kind {
        .fallback(id, try document.id("user_id"), cost: try document.money("cost"))
    }

    func key(_ tenant: Tenant) -> WalletEntryKey {
        switch kind {
        case .opening: .opening(owner, tenant)
        case .credit(let id, _): .credit(id, tenant)
        case .charge(let charge, _): .charge(charge.id, tenant)
        case .refund(let refund): .refund(refund.id, tenant)
        case .fallback(let id, _, _): .fallback(id, tenant)
        }
    }

    fileprivate func document(of tenant: Tenant) throws -> Document {
        var document = Document([("_id", key(tenant).value)] + owner.fields)
        document["number"] = .int64(number)
        document["amount"] = try .money(amount)
        document["balance"] = try .money(balance)
        document["at"] = .time(at)
        if actor != .system { document["actor"] = .string(actor.text) }
        switch kind {
        case .opening: break
        case .credit(_, let reason): document["reason"] = .string(reason)
        case .charge(let charge, let fromQuota):
            document["from_quota"] = try .money(fromQuota)
            document["charge"] = .document(try charge.document)
        case .refund(let refund):
            document["refund_of"] = .id(refund.charge)
            document["refund"] = .document(try refund.document)
        case .fallback(_, let user, let cost): document["fallback"] = ["user_id": .id(user), "cost": try .money(cost)]
        }
        return document
    }
}

extension ChargeRefund {
    fileprivate init(_ document: Document, id: RefundID, of charge: ChargeID) throws {
        self.init(
            id: id, charge: charge, chargedAt: try document.time("charged_at"), cost: try document.money("cost"),
            amount: try document.money("amount"), toQuota: try document.money("to_quota"), refunded: try document.money("refunded"),
            reason: try document.optionalString("reason"))
    }

    fileprivate var document: Document {
        get throws {
            [
                "charged_at": .time(chargedAt), "cost": try .money(cost), "amount": try .money(amount), "to_quota": try .money(toQuota),
                "refunded": try .money(refunded), "reason": .text(reason),
            ]
        }
    }
}

extension Charge {
    init(_ document: Document, id: ChargeID) throws {
        let content = try ChargeContent(document, model: document.id("model"))
        self.init(
            id: id, content: content, prices: try UsePrices(document, of: content.model), cost: try document.money("cost"))
    }

    var document: Document {
        get throws {
            Document(
                content.fields + (try prices.fields) + [
                    ("cost", try .money(cost)), ("own_cost", try .money(ownCost)), ("rounding", .string(UsePrices.roundingRule)),
                ])
        }
    }
}

extension UsePrices {
    /// A charge from before there were classes has `input_per_million` and `output_per_million` and no `prices`.
    init(_ document: Document, of model: ModelName) throws {
        let classes: [ClassPrice] =
            if try document.optionalArray("prices") != nil {
                try document.documents("prices").map { try ClassPrice($0) }
            } else {
                [
                    ClassPrice(.input, perMillion: try document.money("input_per_million")),
                    ClassPrice(.output, perMillion: try document.money("output_per_million")),
                ]
            }
        self.init(
            model: try document.optionalString("price_model").map(ModelName.init(stored:)) ?? model, classes: classes,
            units: try document.amounts(by: PriceUnit.self, in: "unit_prices"),
            markupPercent: try document.optionalMoney("markup_percent") ?? .zero,
            currency: Currency(stored: try document.string("currency")), effectiveFrom: try document.time("effective_from"))
    }

    var fields: [(String, Value)] {
        get throws {
            var fields: [(String, Value)] = [
                ("price_model", .id(model)), ("prices", .array(try classes.map { .document(try $0.document) })),
                ("currency", .string(currency.code)), ("effective_from", .time(effectiveFrom)),
            ]
            if !units.isEmpty { fields.append(("unit_prices", .document(try Document(by: units) { try .money($0) }))) }
            if markupPercent != .zero { fields.append(("markup_percent", try .money(markupPercent))) }
            return fields
        }
    }
}

extension ClassPrice {
    fileprivate init(_ document: Document) throws {
        self.init(
            try document.value("class"), perMillion: try document.money("per_million"),
            tier: try document.optionalValue("tier") ?? .standard,
            above: try document.optionalInt64("above"), fallback: try document.optionalValue("fallback"))
    }

    fileprivate var document: Document {
        get throws {
            var document: Document = ["class": .string(kind.rawValue), "per_million": try .money(perMillion)]
            if tier != .standard { document["tier"] = .string(tier.rawValue) }
            if let above { document["above"] = .int64(above) }
            if let fallback { document["fallback"] = .string(fallback.rawValue) }
            return document
        }
    }
}

extension ChargeContent {
    init(_ document: Document, model: ModelName) throws {
        self.init(
            user: try document.id("user_id"), project: try document.optionalString("project_id").map(ProjectID.init(stored:)), model: model,
            use: try ModelUse(document))
    }

    var fields: [(String, Value)] {
        [("user_id", .id(user)), ("project_id", .text(project?.rawValue)), ("model", .id(model))] + use.fields
    }
}

extension ModelUse {
    init(_ document: Document) throws {
        var tokens = try document.quantities(by: TokenClass.self, in: "tokens")
        tokens[.input] = try document.int64("input_tokens")
        tokens[.output] = try document.int64("output_tokens")
        self.init(
            tokens: tokens, thousandths: try document.quantities(by: PriceUnit.self, in: "thousandths"),
            tier: try document.optionalValue("service_tier") ?? .standard)
    }

    /// The classes beside `input` and `output` are in `tokens`, which a use without them does not have.
    var fields: [(String, Value)] {
        var fields: [(String, Value)] = [("input_tokens", .int64(tokens(.input))), ("output_tokens", .int64(tokens(.output)))]
        let others = tokens.filter { $0.key != .input && $0.key != .output }
        if !others.isEmpty { fields.append(("tokens", .document(Document(by: others) { .int64($0) }))) }
        if !thousandths.isEmpty { fields.append(("thousandths", .document(Document(by: thousandths) { .int64($0) }))) }
        if tier != .standard { fields.append(("service_tier", .string(tier.rawValue))) }
        return fields
    }
}
