internal import BSON
package import Metering
internal import Mongo

/// The prices of the shops' models: one document for each time from which a price counts. None is ever changed.
package enum ModelPrices {
    static let schema = CollectionSchema(
        name: "model_prices",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "model": Property.string, "effective_from": Property.time]),
            "input_per_million": Property.amount, "output_per_million": Property.amount, "currency": Property.string,
        ],
        required: ["_id", "input_per_million", "output_per_million", "currency"])

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

extension ModelPrice {
    fileprivate init(_ document: Document) throws {
        let id = try document.document("_id")
        try self.init(of: id.id("model"), from: id.time("effective_from"), rates: document)
    }

    fileprivate func document(of tenant: Tenant) throws -> Document {
        Document([("_id", ModelPrices.id(model, effectiveFrom, tenant))] + (try rates))
    }

    /// Reads the rates from a document that has them among others: a price's, or that of a charge, which keeps the rates it was made with.
    init(of model: ModelName, from time: Timestamp, rates document: Document) throws {
        self.init(
            model: model, inputPerMillion: try document.money("input_per_million"),
            outputPerMillion: try document.money("output_per_million"), currency: Currency(stored: try document.string("currency")),
            effectiveFrom: time)
    }

    var rates: [(String, Value)] {
        get throws {
            [
                ("input_per_million", try .money(inputPerMillion)), ("output_per_million", try .money(outputPerMillion)),
                ("currency", .string(currency.code)),
            ]
        }
    }
}
