internal import BSON
package import Metering
internal import Mongo

/// Sums over a user's whole log about voices and documents.
package enum Engagements {
    package static func total(of user: UserID, in tenant: Tenant, _ reading: Reading) throws -> Engagement {
        let rows = try reading.aggregate(UsageEvents.schema.name, pipeline(user, tenant, by: .null, onlyVoices: false))
        return try rows.first.map { try Engagement($0) } ?? Engagement()
    }

    /// The engagement with each pair of voice and model, the most characters first.
    package static func voices(
        of user: UserID, in tenant: Tenant, limit: Int, _ reading: Reading
    ) throws -> [(voice: String?, model: String?, engagement: Engagement)] {
        let keys: Value = [
            "voice": ["$ifNull": ["$dimensions.voice_slug", .null]], "model": ["$ifNull": ["$dimensions.model_slug", .null]],
        ]
        let order: [Document] = [
            ["$sort": ["characters": -1, "_id.voice": 1, "_id.model": 1]], ["$limit": .int64(Int64(limit))],
        ]
        return try reading.aggregate(UsageEvents.schema.name, pipeline(user, tenant, by: keys, onlyVoices: true) + order).map { row in
            let id = try row.document("_id")
            return (try id.optionalString("voice"), try id.optionalString("model"), try Engagement(row))
        }
    }

    /// Groups by document first, so that the server counts distinct documents without holding a set of them.
    private static func pipeline(_ user: UserID, _ tenant: Tenant, by keys: Value, onlyVoices: Bool) -> [Document] {
        var filter: Document = ["_id.shop_id": .id(tenant.shop), "_id.user_id": .id(user)]
        let isVoice: Value = ["$regexMatch": ["input": "$meter", "regex": .string(Meter.charactersSuffix + "$")]]
        if onlyVoices { filter["$expr"] = isVoice }
        let length: Value = [
            "$max": [
                .int64(0), ["$convert": ["input": "$dimensions.duration_ms", "to": "long", "onError": .int64(0), "onNull": .int64(0)]],
            ]
        ]
        let document: Value = ["$ifNull": ["$reference_id", .null]]
        let first: Document = [
            "_id": ["keys": keys, "document": document], "characters": ["$sum": ["$cond": [isVoice, "$amount", .int64(0)]]],
            "syntheses": ["$sum": ["$cond": [isVoice, .int64(1), .int64(0)]]], "duration_ms": ["$sum": length],
        ]
        let second: Document = [
            "_id": "$_id.keys", "characters": ["$sum": "$characters"], "syntheses": ["$sum": "$syntheses"],
            "duration_ms": ["$sum": "$duration_ms"],
            "documents": ["$sum": ["$cond": [["$eq": ["$_id.document", .null]], .int64(0), .int64(1)]]],
        ]
        return [["$match": .document(filter)], ["$group": .document(first)], ["$group": .document(second)]]
    }
}

extension Engagement {
    fileprivate init(_ row: Document) throws {
        self.init(
            characters: try row.sum("characters"), syntheses: try row.int64("syntheses"), milliseconds: try row.sum("duration_ms"),
            documents: try row.int64("documents"))
    }
}
