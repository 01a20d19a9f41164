import JSON
import Metering
import Service
import Web

extension Margin {
    static let fields: [Schema.Field] = [
        .required("uses", .quantity, "Charges, and calls that no wallet paid."), .required("charged", .moneySum, "What wallets paid."),
        .required("refunded", .moneySum),
        .required("own_cost", .moneySum, "What the uses cost the shop, paid or not: the price without the markup."),
        .required("margin", .moneySum, "What was charged and not refunded, less the cost."),
        .required("margin_percent", .nullable(.number), "Of what was charged and not refunded; null where that is nothing."),
    ]

    fileprivate var object: JSON.Object {
        [
            "uses": uses.json, "charged": charged.walletJSON, "refunded": refunded.walletJSON, "own_cost": ownCost.walletJSON,
            "margin": margin.walletJSON,
            "margin_percent": basisPoints.map { .number(Money(units: Int128($0) * Money.unitsPerOne / 100).text) } ?? .null,
        ]
    }
}

extension MarginReport {
    static let maximumRows = 1_000
    static let schema = Schema.answer([
        .required("from", .time), .required("to", .time), .required("currency", .currency),
        .required("group_by", .choice(of: MarginGrouping.self, named: "MarginGrouping")),
        .required("total", .answer(Margin.fields).named("Margin")),
        .required("groups", .quantity, "How many there are."),
        .required(
            "data",
            .array(
                of: .answer([.required("group", .string(0...256), "The model, the user, or the day.")] + Margin.fields).named(
                    "MarginOfGroup")),
            "Those that were charged most, first; \(maximumRows) at most."),
    ]).named("Margins")

    var json: JSON {
        [
            "from": from.json, "to": to.json, "currency": currency.json, "group_by": .string(grouping.rawValue),
            "total": .object(margins.total.object), "groups": margins.groups.count.json,
            "data": .array(
                margins.largest(Self.maximumRows).map { row in
                    let name: JSON.Object = ["group": row.group.json]
                    return .object(name.followed(by: row.margin.object))
                }),
        ]
    }
}
