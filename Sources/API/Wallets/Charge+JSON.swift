import JSON
import Metering
import Service
import Web

/// A use of a model as a client reports it.
enum ChargeInput {
    static let content: [Schema.Field] = [
        .required("user_id", .clientID), .optional("project_id", .clientID, "Pays first, whole or not at all."),
        .required("model", .modelName), .required("input_tokens", .quantity), .required("output_tokens", .quantity),
    ]
    static let schema = Schema.object(
        [.optional("charge_id", .clientID, "The charge is made once for it; else for the `Idempotency-Key`; else it is made.")] + content
    ).named("ChargeInput")
    static let estimateSchema = Schema.object(content).named("EstimateInput")

    static func content(_ fields: JSON.Object) throws -> ChargeContent {
        ChargeContent(
            user: try fields.identifier("user_id"), project: try fields.identifier(ifAny: "project_id"),
            model: try fields.identifier("model"), inputTokens: try fields.integer("input_tokens"),
            outputTokens: try fields.integer("output_tokens"))
    }
}

extension WalletEntry {
    /// The content and the price of a charge, and what paid it; no fields for another kind of entry.
    var chargeDetails: JSON.Object {
        guard case .charge(let charge, let fromQuota) = kind else { return JSON.Object([:]) }
        let (content, price) = (charge.content, charge.price)
        return JSON.Object([
            "user_id": content.user.json, "project_id": content.project.json, "model": content.model.json,
            "input_tokens": content.inputTokens.json, "output_tokens": content.outputTokens.json, "cost": charge.cost.walletJSON,
            "currency": price.currency.json, "deducted_from": source.json, "from_quota": fromQuota.walletJSON,
            "from_balance": (-amount).walletJSON, "input_per_million": price.inputPerMillion.json,
            "output_per_million": price.outputPerMillion.json, "price_effective_from": price.effectiveFrom.json,
            "rounding": .string(ModelPrice.roundingRule),
        ])
    }
}

extension ChargeSource: JSONValue {}

extension ChargeAnswer {
    private static let detailFields: [Schema.Field] = [
        .required("user_id", .clientID), .required("project_id", .nullable(.clientID)), .required("model", .modelName),
        .required("input_tokens", .quantity), .required("output_tokens", .quantity), .required("cost", .money),
        .required("currency", .currency),
        .required("deducted_from", .enumeration(ChargeSource.allCases.map(\.rawValue)), "`quota` where it paid all."),
        .required("from_quota", .money), .required("from_balance", .money),
        .required("input_per_million", .money, "The price that was in force."), .required("output_per_million", .money),
        .required("price_effective_from", .time),
        .required("rounding", .enumeration([ModelPrice.roundingRule]), "Halves up, to 10 digits, once, at the end."),
    ]
    static let detailSchema = Schema.answer(detailFields).named("ChargeDetails")
    static let schema = Schema.answer(
        [.required("charge_id", .clientID), .required("duplicate", .boolean, "True: this is the first answer to the same charge.")]
            + detailFields + [.required("balance_after", .money, "Of the wallet that paid."), .required("charged_at", .time)]
    ).named("Charge")

    var json: JSON {
        let head = JSON.Object(["charge_id": (entry.charge?.id).json, "duplicate": isDuplicate.json])
        let tail = JSON.Object(["balance_after": entry.balance.walletJSON, "charged_at": entry.at.json])
        return .object(head.followed(by: entry.chargeDetails).followed(by: tail))
    }
}

extension ChargeEstimate {
    static let schema = Schema.answer([
        .required("sufficient", .boolean), .required("cost", .money), .required("available", .money, "The most that one wallet has."),
        .required("currency", .currency),
    ]).named("Estimate")

    var json: JSON {
        [
            "sufficient": isSufficient.json, "cost": cost.walletJSON, "available": available.walletJSON, "currency": currency.json,
        ]
    }
}

extension BillingError {
    static let schema = Schema.answer(fields).named("BillingError")
    static let resolvedSchema = Schema.answer(fields + [.repeated]).named("ResolvedBillingError")

    private static let fields: [Schema.Field] = [
        .required("billing_error_id", .clientID, "The charge's id."), .required("charge_id", .clientID),
        .required("user_id", .clientID), .required("project_id", .nullable(.clientID)), .required("model", .modelName),
        .required("input_tokens", .quantity), .required("output_tokens", .quantity), .required("required", .money),
        .required("available", .money), .required("currency", .currency), .required("created_at", .time),
        .required("refused_at", .time, "The last time."), .required("refusals", .quantity), .required("resolved", .boolean),
        .required("resolution", .nullable(.enumeration(Resolution.allCases.map(\.rawValue)))),
        .required("resolved_at", .nullable(.time)), .required("note", .nullable(.string(0...Int.max))),
    ]

    var json: JSON {
        [
            "billing_error_id": id.json, "charge_id": id.json, "user_id": content.user.json, "project_id": content.project.json,
            "model": content.model.json, "input_tokens": content.inputTokens.json, "output_tokens": content.outputTokens.json,
            "required": balance.required.walletJSON, "available": balance.available.walletJSON, "currency": currency.json,
            "created_at": createdAt.json, "refused_at": refusedAt.json, "refusals": refusals.json,
            "resolved": (resolution != nil).json, "resolution": (resolution?.rawValue).json, "resolved_at": resolvedAt.json,
            "note": note.json,
        ]
    }
}
