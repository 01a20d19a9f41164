internal import BSON
package import Metering
internal import Mongo

/// Names that a shop has stand for models, beside those under which the models' prices are.
package enum ModelAliases {
    static let schema = CollectionSchema(
        name: "model_aliases",
        properties: ["_id": Property.object(["shop_id": Property.string, "alias": Property.string]), "model": Property.string],
        required: ["_id", "model"])

    package static func find(_ alias: ModelName, of tenant: Tenant, _ reading: Reading) throws -> ModelName? {
        try reading.findOne(schema.name, ["_id": Key.of(tenant, "alias", alias)])?.id("model")
    }

    /// Has the alias stand for a model, or for none.
    package static func set(_ alias: ModelName, to model: ModelName?, of tenant: Tenant, _ writing: Writing) throws {
        let id: Document = ["_id": Key.of(tenant, "alias", alias)]
        let write: BulkWrite =
            if let model {
                .updateOne(filter: id, update: .operators(["$set": ["model": .id(model)]]), upsert: true)
            } else { .deleteOne(filter: id) }
        _ = try writing.bulk(schema.name, [write])
    }
}
