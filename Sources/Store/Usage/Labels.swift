internal import BSON
package import Metering
internal import Mongo

/// Names for people of what dimensions hold: a voice's of its slug, a document's of its id.
package enum Labels {
    static let schema = CollectionSchema(
        name: "labels",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "dimension": Property.string, "value": Property.string]),
            "label": Property.string,
        ],
        required: ["_id", "label"])

    /// Returns whether it is new.
    package static func put(_ label: String, on key: LabelKey, of tenant: Tenant, _ writing: Writing) throws -> Bool {
        let update = BulkWrite.updateOne(
            filter: ["_id": id(key, tenant)], update: ["$set": ["label": .string(label)]], upsert: true)
        return try writing.bulk(schema.name, [update]).upserted == 1
    }

    package static func find(_ places: Set<LabelKey>, of tenant: Tenant, _ reading: Reading) throws -> [LabelKey: String] {
        guard !places.isEmpty else { return [:] }
        var found: [LabelKey: String] = [:]
        for document in try reading.find(schema.name, ["_id": ["$in": .array(places.map { id($0, tenant) })]]) {
            let id = try document.document("_id")
            found[LabelKey(dimension: try id.string("dimension"), value: try id.string("value"))] = try document.string("label")
        }
        return found
    }

    /// In the order of the values' bytes, from behind `value`.
    package static func list(
        of dimension: String, in tenant: Tenant, after value: String?, limit: Int, _ reading: Reading
    ) throws -> [(value: String, label: String)] {
        // A value is not empty, and in BSON every string is below an object.
        let low = id(LabelKey(dimension: dimension, value: value ?? ""), tenant)
        let high: Value = ["shop_id": .id(tenant.shop), "dimension": .string(dimension), "value": [:]]
        return try reading.find(schema.name, ["_id": ["$gt": low, "$lt": high]], sort: ["_id": 1], limit: limit).map { document in
            (try document.document("_id").string("value"), try document.string("label"))
        }
    }

    private static func id(_ place: LabelKey, _ tenant: Tenant) -> Value {
        ["shop_id": .id(tenant.shop), "dimension": .string(place.dimension), "value": .string(place.value)]
    }
}
