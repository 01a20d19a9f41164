internal import BSON
package import Metering
internal import Mongo

/// The prices of the shops' models: one document for each time from which a price counts. None is ever changed.
package enum ModelPrices {
    static let schema = CollectionSchema(
        name: "model_prices",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "model": Property.string, "effective_from": Property.time]),
            "input_per_million": Property.optionalAmount, "output_per_million": Property.optionalAmount, "currency": Property.string,
            "rates": ["bsonType": ["array", "null"], "items": ["bsonType": "object"]],
            "fallbacks": ["bsonType": ["object", "null"], "additionalProperties": Property.string],
            "units": ["bsonType": ["object", "null"], "additionalProperties": Property.amount], "markup_percent": Property.optionalAmount,
        ],
        required: ["_id", "currency"])

    /// Inserts the prices. Throws `duplicate` when a model has a price that begins at the same instant; then the transaction is over.
    package static func put(_ prices: [ModelPrice], of tenant: Tenant, in transaction: Transaction) throws {
        try transaction.insert(schema.name, prices.map { try $0.document(of: tenant) })
    }

    /// The model's price in force at `time`: of those that began by then, the last.
    package static func inForce(_ model: ModelName, at time: Timestamp, of tenant: Tenant, _ reading: Reading) throws -> ModelPrice? {
        let low: Value = ["shop_id": .id(tenant.shop), "model": .id(model)]
        let filter: Document = ["_id": ["$gt": low, "$lte": id(model, time, tenant)]]
        return try reading.findOne(schema.name, filter, sort: ["_id": -1]).map { try ModelPrice($0) }
    }

    /// Each model's price in force at `time`, in the order of the models' names, after `model`. Models without one are left out.
    ///
    /// The server reads every price of the models after `model`; a model has few.
    package static func list(
        of tenant: Tenant, at time: Timestamp, after model: ModelName? = nil, limit: Int, _ reading: Reading
    ) throws -> [ModelPrice] {
        var range = Key.range(of: tenant, then: "model")
        if let model { range = Key.range(of: tenant, then: "model", behind: id(model, Timestamp(milliseconds: .max), tenant)) }
        range["_id.effective_from"] = .document(["$lte": .time(time)])
        let pipeline: [Document] = [
            ["$match": .document(range)], ["$sort": ["_id": 1]], ["$group": ["_id": "$_id.model", "price": ["$last": "$$ROOT"]]],
            ["$sort": ["_id": 1]], ["$limit": .int64(Int64(limit))],
        ]
        return try reading.aggregate(schema.name, pipeline).map { try ModelPrice($0.document("price")) }
    }

    fileprivate static func id(_ model: ModelName, _ time: Timestamp, _ tenant: Tenant) -> Value {
        ["shop_id": .id(tenant.shop), "model": .id(model), "effective_from": .time(time)]
    }
}

extension ModelPrice: StoredByID {
    package static func everything(of tenant: Tenant) -> Listing<ModelPrice, ModelPrice> {
        let order = ListOrder<ModelPrice>.ascending("_id") { ModelPrices.id($0.model, $0.effectiveFrom, tenant) }
        return Listing(ModelPrices.schema, Key.range(of: tenant, then: "model"), order) { try ModelPrice($0) }
    }
}

extension ModelPrice {
    fileprivate init(_ document: Document) throws {
        let id = try document.document("_id")
        self.init(
            model: try id.id("model"), rates: try ModelRates(document), currency: Currency(stored: try document.string("currency")),
            effectiveFrom: try id.time("effective_from"))
    }

    fileprivate func document(of tenant: Tenant) throws -> Document {
        Document([("_id", ModelPrices.id(model, effectiveFrom, tenant)), ("currency", .string(currency.code))] + (try rates.fields))
    }
}

extension ModelRates {
    /// A price from before there were classes has `input_per_million` and `output_per_million` and no `rates`.
    fileprivate init(_ document: Document) throws {
        guard let rates = try document.optionalArray("rates") else {
            self.init(
                inputPerMillion: try document.money("input_per_million"), outputPerMillion: try document.money("output_per_million"))
            return
        }
        var tokens: [Key: TokenRate] = [:]
        for value in rates {
            guard let rate = value.asDocument else { throw StoreError(.invalid, "rates holds something else than documents.") }
            tokens[Key(try rate.value("class"), try rate.value("tier"))] = try TokenRate(rate)
        }
        self.init(
            tokens: tokens, fallbacks: try document.values(by: TokenClass.self, in: "fallbacks"),
            units: try document.amounts(by: PriceUnit.self, in: "units"),
            markupPercent: try document.optionalMoney("markup_percent") ?? .zero)
    }

    /// `input_per_million` and `output_per_million` stand beside the rates for whoever reads the collection.
    fileprivate var fields: [(String, Value)] {
        get throws {
            let keys = tokens.keys.sorted { ($0.kind.rawValue, $0.tier.rawValue) < ($1.kind.rawValue, $1.tier.rawValue) }
            let rates: [Value] = try keys.compactMap { key in try tokens[key].map { .document(try $0.document(of: key)) } }
            return [
                ("input_per_million", try .money(self[.input]?.perMillion)), ("output_per_million", try .money(self[.output]?.perMillion)),
                ("rates", .array(rates)), ("fallbacks", .document(Document(by: fallbacks) { .string($0.rawValue) })),
                ("units", .document(try Document(by: units) { try .money($0) })), ("markup_percent", try .money(markupPercent)),
            ]
        }
    }
}

extension TokenRate {
    fileprivate init(_ document: Document) throws {
        let steps = try document.documents("above").map {
            Step(above: try $0.int64("tokens"), perMillion: try $0.money("per_million"))
        }
        self.init(perMillion: try document.money("per_million"), above: steps)
    }

    fileprivate func document(of key: ModelRates.Key) throws -> Document {
        let steps: [Value] = try above.map { ["tokens": .int64($0.tokens), "per_million": try .money($0.perMillion)] }
        return [
            "class": .string(key.kind.rawValue), "tier": .string(key.tier.rawValue), "per_million": try .money(perMillion),
            "above": .array(steps),
        ]
    }
}
