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
    ).named("ChargeInput").sampled(["charge_id": "charge-1", "user_id": "ada", "model": "gpt-4o", "input_tokens": 90, "output_tokens": 30])
    static let estimateSchema = Schema.object(content).named("EstimateInput")

    static func content(_ fields: JSON.Object) throws -> ChargeContent {
        ChargeContent(
            user: try fields.identifier("user_id"), project: try fields.identifier(ifAny: "project_id"),
            model: try fields.identifier("model"), inputTokens: try fields.integer("input_tokens"),
            outputTokens: try fields.integer("output_tokens"))
    }
}

extension Charge {
    static let fields: [Schema.Field] =
        [
            .required("user_id", .clientID), .required("project_id", .nullable(.clientID)), .required("model", .modelName),
            .required("input_tokens", .quantity), .required("output_tokens", .quantity), .required("cost", .money),
            .required("currency", .currency),
            .required("input_per_million", .nullable(.money), "The price that was in force, with the markup."),
            .required("output_per_million", .nullable(.money)), .required("price_effective_from", .time),
            .required("rounding", .enumeration([UsePrices.roundingRule]), "Halves up, to 10 digits, once, at the end."),
        ] + PricedUse.fields

    /// The content and the price of the charge.
    var json: JSON.Object {
        let own: JSON.Object = [
            "user_id": content.user.json, "project_id": content.project.json, "model": content.model.json,
            "input_tokens": content.use.tokens(.input).json, "output_tokens": content.use.tokens(.output).json, "cost": cost.walletJSON,
            "currency": prices.currency.json, "input_per_million": (prices[.input].map { prices.sold($0.perMillion) }).json,
            "output_per_million": (prices[.output].map { prices.sold($0.perMillion) }).json,
            "price_effective_from": prices.effectiveFrom.json,
            "rounding": .string(UsePrices.roundingRule),
        ]
        return own.followed(by: PricedUse.json(content.use, at: prices))
    }
}

extension WalletEntry {
    static let paymentFields: [Schema.Field] = [
        .required(
            "deducted_from", .nullable(.choice(of: ChargeSource.self, named: "ChargeSource")),
            "`quota` where it paid all; null for a free model where there is no wallet."),
        .required("from_quota", .money), .required("from_balance", .money),
    ]

    /// The content and the price of a charge, and what paid it; no fields for another kind of entry.
    var chargeDetails: JSON.Object {
        guard let charge else { return [:] }
        return charge.json.followed(by: payment)
    }

    /// What paid the entry's charge.
    fileprivate var payment: JSON.Object {
        guard case .charge(_, let fromQuota) = kind else { return [:] }
        return ["deducted_from": source.json, "from_quota": fromQuota.walletJSON, "from_balance": (-amount).walletJSON]
    }
}

extension ChargeSource: JSONValue {}

extension ChargeAnswer {
    static let detailSchema = Schema.answer(Charge.fields + WalletEntry.paymentFields).named("ChargeDetails")
    fileprivate static let paidFields: [Schema.Field] =
        [.required("charge_id", .clientID)] + Charge.fields + WalletEntry.paymentFields + [
            .required("balance_after", .money, "Of the wallet that paid."), .required("charged_at", .time),
        ]
    static let schema = Schema.answer(
        [.required("charge_id", .clientID), .required("duplicate", .boolean, "True: this is the first answer to the same charge.")]
            + Charge.fields + WalletEntry.paymentFields + [
                .required("balance_after", .nullable(.money), "Of the wallet that paid."), .required("charged_at", .time),
            ]
    ).named("Charge")

    private static let nothing: JSON.Object = [
        "deducted_from": .null, "from_quota": Money.zero.walletJSON, "from_balance": Money.zero.walletJSON,
    ]

    var json: JSON {
        let head: JSON.Object = ["charge_id": charge.id.json, "duplicate": isDuplicate.json]
        let tail: JSON.Object = ["balance_after": entry?.balance.walletJSON ?? .null, "charged_at": at.json]
        return .object(
            head.followed(by: charge.json).followed(by: entry?.payment ?? Self.nothing).followed(by: tail))
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

    static let fields: [Schema.Field] = [
        .required("billing_error_id", .clientID, "The charge's id."), .required("charge_id", .clientID),
        .required("user_id", .clientID), .required("project_id", .nullable(.clientID)), .required("model", .modelName),
        .required("input_tokens", .quantity), .required("output_tokens", .quantity), .required("tokens", PricedUse.tokensSchema),
        .required("service_tier", .serviceTier), .required("required", .money),
        .required("available", .money), .required("currency", .currency),
        .required("scope", .enumeration(["user", "project"]).named("WalletKind"), "Whose wallet was to pay."),
        .required("scope_id", .clientID),
        .required("error_type", .enumeration(["insufficient_balance"])),
        .required("message", .string(1...1000), "What was required, and what each wallet has."),
        .required("project_balance", .nullable(.money)), .required("user_balance", .nullable(.money)), .required("created_at", .time),
        .required("refused_at", .time, "The last time."), .required("refusals", .quantity), .required("resolved", .boolean),
        .required("resolution", .nullable(.choice(of: Resolution.self, named: "BillingErrorResolution"))),
        .required("resolved_at", .nullable(.time)), .required("note", .nullable(.string(0...Int.max))),
    ]

    var json: JSON {
        [
            "billing_error_id": id.json, "charge_id": id.json, "user_id": content.user.json, "project_id": content.project.json,
            "model": content.model.json, "input_tokens": content.use.tokens(.input).json, "output_tokens": content.use.tokens(.output).json,
            "tokens": .object(PricedUse.tokens(of: content.use)), "service_tier": content.use.tier.json,
            "required": balance.required.walletJSON, "available": balance.available.walletJSON, "currency": currency.json,
            "scope": .string(scope.kind), "scope_id": scope.user?.json ?? scope.project.json, "error_type": "insufficient_balance",
            "message": message.json, "project_balance": balance.project?.walletJSON ?? .null,
            "user_balance": balance.user?.walletJSON ?? .null, "created_at": createdAt.json, "refused_at": refusedAt.json,
            "refusals": refusals.json,
            "resolved": (resolution != nil).json, "resolution": (resolution?.rawValue).json, "resolved_at": resolvedAt.json,
            "note": note.json,
        ]
    }
}

/// A charge that was paid, as lists show it.
extension WalletEntry {
    static let paidFields = ChargeAnswer.paidFields
    static let paidSchema = Schema.answer(paidFields).named("PaidCharge")

    var paidObject: JSON.Object {
        JSON.Object(["charge_id": (charge?.id).json]).followed(by: chargeDetails).followed(
            by: JSON.Object(["balance_after": balance.walletJSON, "charged_at": at.json]))
    }
}

/// What a client gives back of a charge.
enum ChargeRefundInput {
    static let schema = Schema.object([
        .optional("refund_id", .clientID, "It is made once for it; else for the `Idempotency-Key`."),
        .optional("amount", .money, "All that is left, when left out."), .reason,
    ]).named("ChargeRefundInput")
}

extension ChargeRefundAnswer {
    static let schema = Schema.answer([
        .required("refund_id", .clientID), .required("charge_id", .clientID),
        .required("duplicate", .boolean, "True: this is the first answer to the same refund."), .required("amount", .money),
        .required("refunded", .money, "Of the charge, in all, after it."), .required("cost", .money, "Of the charge."),
        .required("returned_to", .enumeration(["project", "user", "quota"]).named("ChargeSource"), "`quota` where it got all."),
        .required("to_balance", .money), .required("to_quota", .money, "Lapsed, where its month is over."),
        .required("balance_after", .money), .required("reason", .string(1...500)), .required("actor", .string(1...200)),
        .required("refunded_at", .time),
    ]).named("ChargeRefund")

    var json: JSON {
        guard let refund = entry.refund else { return .null }
        let isQuota = entry.amount == .zero && refund.toQuota > .zero
        return [
            "refund_id": refund.id.json, "charge_id": refund.charge.json, "duplicate": isDuplicate.json,
            "amount": refund.amount.walletJSON, "refunded": refund.refunded.walletJSON, "cost": refund.cost.walletJSON,
            "returned_to": .string(isQuota ? "quota" : entry.owner.kind), "to_balance": entry.amount.walletJSON,
            "to_quota": refund.toQuota.walletJSON, "balance_after": entry.balance.walletJSON, "reason": entry.reason.json,
            "actor": entry.actor.text.json, "refunded_at": entry.at.json,
        ]
    }
}

extension RefundID: JSONValue {}
