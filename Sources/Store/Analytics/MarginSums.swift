internal import BSON
package import Metering
internal import Mongo

/// What was charged, given back, and used unpaid, summed by the database.
extension Margins {
    /// Adds the charges of the range, and the calls in it that no wallet paid.
    package mutating func addUses(of tenant: Tenant, from: Timestamp, to: Timestamp, by grouping: MarginGrouping, _ reading: Reading) throws
    {
        let range: Value = ["$gte": .time(from), "$lt": .time(to)]
        let cost: Value = ["$ifNull": ["$charge.own_cost", "$charge.cost"]]
        let charges: [Document] = [
            ["$match": ["_id.shop_id": .id(tenant.shop), "_id.type": "charge", "at": range]],
            [
                "$group": [
                    "_id": grouping.key(in: "charge."), "uses": ["$sum": .int64(1)], "charged": ["$sum": "$charge.cost"],
                    "own_cost": ["$sum": cost],
                ]
            ],
        ]
        for row in try reading.aggregate(WalletEntries.schema.name, charges) {
            let margin = Margin(uses: try row.sum("uses"), charged: try row.money("charged"), ownCost: try row.money("own_cost"))
            add(margin, to: try row.string("_id"))
        }
        let unpaid: [Document] = [
            ["$match": ["_id.shop_id": .id(tenant.shop), "at": range, "payment": .null]],
            ["$group": ["_id": grouping.key(in: ""), "uses": ["$sum": .int64(1)], "own_cost": ["$sum": "$own_cost"]]],
        ]
        for row in try reading.aggregate(Calls.schema.name, unpaid) {
            add(Margin(uses: try row.sum("uses"), ownCost: try row.money("own_cost")), to: try row.string("_id"))
        }
    }

    /// Adds what was given back in the range, to the groups of the charges that it was given back of.
    package mutating func addRefunds(
        of tenant: Tenant, from: Timestamp, to: Timestamp, by grouping: MarginGrouping, _ reading: Reading
    ) throws {
        let filter: Document = [
            "_id.shop_id": .id(tenant.shop), "refund_of": ["$exists": true], "at": ["$gte": .time(from), "$lt": .time(to)],
        ]
        let id: Value = ["shop_id": "$_id.shop_id", "type": .string("charge"), "id": "$refund_of"]
        let lookup: Value = [
            "from": .string(WalletEntries.schema.name), "let": ["id": id],
            "pipeline": [["$match": ["$expr": ["$eq": ["$_id", "$$id"]]]], ["$project": ["charge": .int64(1)]]], "as": "of",
        ]
        let pipeline: [Document] = [
            ["$match": .document(filter)], ["$lookup": lookup], ["$set": ["charge": ["$first": "$of.charge"]]],
            ["$group": ["_id": grouping.key(in: "charge."), "refunded": ["$sum": "$refund.amount"]]],
        ]
        for row in try reading.aggregate(WalletEntries.schema.name, pipeline) {
            add(Margin(refunded: try row.money("refunded")), to: try row.string("_id"))
        }
    }
}

extension MarginGrouping {
    /// The group of a document whose use is under `path`.
    fileprivate func key(in path: String) -> Value {
        switch self {
        case .model: ["$ifNull": [.string("$\(path)price_model"), .string("$\(path)model")]]
        case .user: .string("$\(path)user_id")
        case .day: ["$dateToString": ["date": "$at", "format": "%Y-%m-%d"]]
        }
    }
}
