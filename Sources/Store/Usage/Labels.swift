internal import BSON
package import Metering
internal import Mongo

/// Names for people of the values of dimensions: a voice's name of its slug, a document's title of its id.
package enum Labels {
    static let schema = CollectionSchema(
        name: "labels",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "dimension": Property.string, "value": Property.string]),
            "label": Property.string,
        ],
        required: ["_id", "label"])

    /// Names the value. Returns whether it had no label before.
    package static func put(_ label: String, on key: LabelKey, of tenant: Tenant, _ writing: Writing) throws -> Bool {
        let update = BulkWrite.updateOne(
            filter: ["_id": id(key, tenant)], update: ["$set": ["label": .string(label)]], upsert: true)
        return try writing.bulk(schema.name, [update]).upserted == 1
    }

    /// The labels of those values that have one.
    package static func find(_ keys: Set<LabelKey>, of tenant: Tenant, _ reading: Reading) throws -> [LabelKey: String] {
        guard !keys.isEmpty else { return [:] }
        var found: [LabelKey: String] = [:]
        for document in try reading.find(schema.name, ["_id": ["$in": .array(keys.map { id($0, tenant) })]]) {
            let id = try document.document("_id")
            found[LabelKey(dimension: try id.string("dimension"), value: try id.string("value"))] = try document.string("label")
        }
        return found
    }

    fileprivate static func id(_ key: LabelKey, _ tenant: Tenant) -> Value {
        ["shop_id": .id(tenant.shop), "dimension": .string(key.dimension), "value": .string(key.value)]
    }
}

extension LabelList: StoredList {
    package func listing(of tenant: Tenant) -> Listing<Label, String> {
        // A value is not empty, and in BSON every string is below an object.
        let low = Labels.id(LabelKey(dimension: dimension, value: ""), tenant)
        let high: Value = ["shop_id": .id(tenant.shop), "dimension": .string(dimension), "value": [:]]
        let order = ListOrder<String>.ascending("_id") { Labels.id(LabelKey(dimension: dimension, value: $0), tenant) }
        return Listing(Labels.schema, ["_id": ["$gt": low, "$lt": high]], order) { document in
            Label(value: try document.document("_id").string("value"), label: try document.string("label"))
        }
    }
}
