internal import BSON
package import Metering
internal import Mongo

package enum Shops {
    static let schema = CollectionSchema(
        name: "shops",
        properties: [
            "_id": Property.string, "name": Property.string, "currency": Property.string, "clock": Property.oneOf(["live", "test"]),
            "jwt_secret": Property.string, "previous_jwt_secret": Property.optionalString,
            "previous_jwt_secret_until": Property.optionalTime, "stripe_secret": Property.optionalString, "created_at": Property.time,
            "now": Property.optionalTime, "mode": Property.optionalString,
            "stripe_secrets": ["bsonType": ["array", "null"], "maxItems": .int64(Int64(ShopSecrets.maximumStripeSecrets))],
            "proration_basis": Property.oneOf(ProrationBasis.allCases.map(\.rawValue)),
            "trial_policy": Property.oneOf(TrialPolicy.allCases.map(\.rawValue)), "user_credit": Property.money,
            "project_credit": Property.money, "recommendations": Property.bool, "allow_free_models": Property.bool,
            "erasures": Property.quantity, "seller": InvoiceParty.property,
            "tax_rates": TaxRate.property(atMost: CountryTaxRate.maximumPerShop),
            "cors_origins": ["bsonType": "array", "maxItems": .int64(Int64(WebOrigin.maximum))], "brand_color": Property.optionalString,
            "rate_limits": ["bsonType": "object", "properties": ["granted": ShopRateLimits.property, "own": ShopRateLimits.property]],
        ],
        required: ["_id", "name", "currency", "clock", "jwt_secret", "created_at"])

    /// Inserts a shop that signs its users' tokens with `jwtSecret`. Throws `duplicate` when the id is taken.
    package static func insert(_ shop: Shop, jwtSecret: String, in transaction: Transaction) throws {
        try transaction.insert(schema.name, [try shop.document(jwtSecret: jwtSecret)])
    }

    package static func find(_ id: ShopID, _ reading: Reading) throws -> Shop? {
        try reading.findOne(schema.name, ["_id": .id(id)]).map { try Shop($0) }
    }

    /// Stores the shop's name, mode, rules and limits.
    package static func save(_ shop: Shop, in transaction: Transaction) throws {
        var set: Document = ["name": .string(shop.name)]
        if let mode = shop.mode { set.append("mode", .string(mode.rawValue)) }
        set.append("rate_limits", .document(shop.rateLimits.document))
        for (key, value) in try shop.rules.fields { set.append(key, value) }
        _ = try transaction.update(schema.name, ["_id": .id(shop.id)], ["$set": .document(set)])
    }

    /// Moves a test shop's clock to `time`, but never back. A live shop has no clock of its own and stays as it is.
    package static func advance(_ tenant: Tenant, to time: Timestamp, _ writing: Writing) throws {
        let filter: Document = ["_id": .id(tenant.shop), "clock": .string(Shop.Clock.test.rawValue)]
        _ = try writing.update(schema.name, filter, ["$max": ["now": .time(time)]])
    }

    /// The tenants in the order of their ids, after `id`: for a walk that must not end at a shop whose document cannot be read.
    package static func tenants(after id: ShopID?, limit: Int, _ reading: Reading) throws -> [Tenant] {
        try reading.find(schema.name, following(id), sort: ["_id": 1], projection: ["_id": 1], limit: limit)
            .map { Tenant(shop: try $0.id("_id")) }
    }

    /// Every tenant's shop in the order of the ids, after `id`: for the platform alone.
    package static func list(after id: ShopID?, limit: Int, _ reading: Reading) throws -> [Shop] {
        try reading.find(schema.name, following(id), sort: ["_id": 1], limit: limit).map { try Shop($0) }
    }

    static func following(_ id: ShopID?) -> Document { id.map { ["_id": ["$gt": .id($0)]] } ?? [:] }
}

extension Shop {
    /// For the platform's own calls and for jobs that walk over the shops.
    package var tenant: Tenant { Tenant(shop: id) }

    fileprivate init(_ document: Document) throws {
        self.init(
            id: try document.id("_id"), name: try document.string("name"), currency: Currency(stored: try document.string("currency")),
            clock: try document.value("clock"), createdAt: try document.time("created_at"), testTime: try document.optionalTime("now"),
            rules: try ShopRules(document),
            rateLimits: try document["rate_limits"]?.asDocument.map { try ShopRateLimits($0) } ?? ShopRateLimits())
        mode = try document.optionalValue("mode")
    }

    fileprivate func document(jwtSecret: String) throws -> Document {
        var document: Document = [
            "_id": .id(id), "name": .string(name), "currency": .string(currency.code), "clock": .string(clock.rawValue),
            "jwt_secret": .string(jwtSecret), "previous_jwt_secret": .text(nil), "previous_jwt_secret_until": .time(nil),
            "stripe_secret": .text(nil), "created_at": .time(createdAt), "now": .time(testTime),
        ]
        for (key, value) in try rules.fields { document.append(key, value) }
        return document
    }
}

extension ShopRules {
    /// Shops from before there were rules have the defaults.
    fileprivate init(_ document: Document) throws {
        self.init(
            proration: try document.optionalValue("proration_basis") ?? .timeOrUse,
            trials: try document.optionalValue("trial_policy") ?? .once,
            userCredit: try document.optionalMoney("user_credit") ?? Wallet.userCredit,
            projectCredit: try document.optionalMoney("project_credit") ?? Wallet.firstProjectCredit,
            recommends: try document.optionalBool("recommendations") ?? true,
            allowsFreeModels: try document.optionalBool("allow_free_models") ?? false)
        seller = try document.optionalDocument("seller").map { try InvoiceParty($0) } ?? InvoiceParty()
        taxRates = try document.optionalDocuments("tax_rates").map { try CountryTaxRate($0) }
        origins = try (document.optionalArray("cors_origins") ?? []).compactMap { $0.asString.flatMap(WebOrigin.init(_:)) }
        color = try document.optionalString("brand_color").flatMap(BrandColor.init(_:))
    }

    fileprivate var fields: [(String, Value)] {
        get throws {
            [
                ("proration_basis", .string(proration.rawValue)), ("trial_policy", .string(trials.rawValue)),
                ("user_credit", try .money(userCredit)), ("project_credit", try .money(projectCredit)),
                ("recommendations", .bool(recommends)), ("allow_free_models", .bool(allowsFreeModels)),
                ("seller", seller.isEmpty ? .null : .document(seller.document)),
                ("tax_rates", .array(try taxRates.map { .document(try $0.document) })),
                ("cors_origins", .array(origins.map { .string($0.text) })), ("brand_color", .text(color?.text)),
            ]
        }
    }
}

extension ShopRateLimits {
    /// A limit for each class that has one.
    fileprivate static let property: Value = [
        "bsonType": "object",
        "properties": .document(
            Document(
                RateClass.allCases.map {
                    ($0.rawValue, Property.object(["per_second": Property.quantity, "burst": Property.quantity]))
                })),
    ]

    fileprivate init(_ document: Document) throws {
        self.init(granted: try Self.limits(document, "granted"), own: try Self.limits(document, "own"))
    }

    private static func limits(_ document: Document, _ key: String) throws -> [RateClass: RateLimit] {
        var limits: [RateClass: RateLimit] = [:]
        for (name, value) in document[key]?.asDocument ?? [:] {
            guard let kind = RateClass(rawValue: name), let stored = value.asDocument,
                let limit = RateLimit(perSecond: try stored.int64("per_second"), burst: try stored.int64("burst"))
            else { throw StoreError(.invalid, "rate_limits.\(key).\(name) is not a limit.") }
            limits[kind] = limit
        }
        return limits
    }

    fileprivate var document: Document {
        ["granted": .document(Self.document(of: granted)), "own": .document(Self.document(of: own))]
    }

    private static func document(of limits: [RateClass: RateLimit]) -> Document {
        Document(
            RateClass.allCases.compactMap { kind in
                limits[kind].map { (kind.rawValue, ["per_second": .int64($0.perSecond), "burst": .int64($0.burst)]) }
            })
    }
}
