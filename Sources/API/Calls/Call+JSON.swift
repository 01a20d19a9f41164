import JSON
import Metering
import Service
import Web

extension CallID: JSONValue {}

extension RecordedCall {
    /// The call with its cost and what paid it.
    private static let costFields: [Schema.Field] =
        Charge.fields + [.required("provider", .nullable(.string(1...64)))] + WalletEntry.paymentFields + [
            .required(
                "balance_after", .nullable(.money), "Of the wallet that paid; null where there is none: then the call is only counted."),
            .required("called_at", .time),
        ]
    static let answerFields: [Schema.Field] =
        [.required("call_id", .clientID), .required("duplicate", .boolean, "True: this is the first answer to the same call.")] + costFields
    static let fields: [Schema.Field] =
        [.required("call_id", .clientID)] + costFields + [
            .required("meter", .identifier), .required("hold", .nullable(.clientID), "The hold that it ended."),
            .required("dimensions", .map(values: .string(0...256))), .required("usage", .any, "The provider's object as it came."),
        ]
    static let schema = Schema.answer(fields).named("RecordedCall")

    fileprivate var costs: JSON.Object {
        charge.json.followed(by: [
            "provider": content.provider.json, "deducted_from": (payment?.source).json,
            "from_quota": (payment?.fromQuota ?? .zero).walletJSON, "from_balance": (payment?.fromBalance ?? .zero).walletJSON,
            "balance_after": payment?.balance.walletJSON ?? .null, "called_at": at.json,
        ])
    }

    var object: JSON.Object {
        let head: JSON.Object = ["call_id": id.json]
        let dimensions = JSON.Object(content.dimensions.sorted { $0.key < $1.key }, key: \.key) { $0.value.json }
        return head.followed(by: costs).followed(by: [
            "meter": content.meter.json, "hold": content.hold.json, "dimensions": .object(dimensions),
            "usage": (try? JSON(parsing: Array(usage.utf8))) ?? usage.json,
        ])
    }
}

extension CallAnswer {
    static let schema = Schema.answer(
        RecordedCall.answerFields + [
            .required("event", UsageAnswer.schema, "What its tokens took of the allowance."),
            .required(
                "class_events", .array(of: UsageAnswer.schema),
                "What the tokens of single classes took, of which the user's plan has meters: `input`, `cache_read`, …"),
        ]
    ).named("Call")

    var json: [UInt8] {
        let head: JSON.Object = ["call_id": call.id.json, "duplicate": isDuplicate.json]
        var bytes = JSON.object(head.followed(by: call.costs)).encoded
        // In the place of the brace that ends the object.
        bytes.removeLast()
        bytes.append(contentsOf: #","event":"#.utf8)
        bytes.append(contentsOf: usage.json)
        bytes.append(contentsOf: #","class_events":["#.utf8)
        for (index, event) in classes.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: event.json)
        }
        bytes.append(contentsOf: "]}".utf8)
        return bytes
    }
}

extension CallEstimate {
    static let fields: [Schema.Field] =
        [
            .required("sufficient", .boolean, "Whether a wallet can pay it; true where there is none."),
            .required("allowed", .boolean, "Whether a wallet can pay it and its tokens are left."), .required("cost", .money),
            .required("currency", .currency),
            .required("available", .nullable(.money), "The most that one wallet has; null where there is none."),
            .required("amount", .quantity, "All of its tokens."), .required("tokens_left", .nullable(.quantity), "Null is unlimited."),
            .required("reason", .nullable(.string(0...2_000)), "Why its tokens are not left."),
        ] + PricedUse.fields
    static let schema = Schema.answer(fields).named("CallEstimate")

    var object: JSON.Object {
        let own: JSON.Object = [
            "sufficient": isSufficient.json, "allowed": (isSufficient && check.isAllowed).json, "cost": charge.cost.walletJSON,
            "currency": charge.prices.currency.json, "available": available?.walletJSON ?? .null, "amount": check.requested.json,
            "tokens_left": check.available.json, "reason": check.reason.json,
        ]
        return own.followed(by: PricedUse.json(charge.content.use, at: charge.prices))
    }
}
