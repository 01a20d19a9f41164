import JSON
import Metering
import Service
import Web

extension Wallet {
    static let fields: [Schema.Field] = [
        .required("kind", .enumeration(["user", "project"]).named("WalletKind")),
        .required("user_id", .nullable(.clientID), "Null for a project's."),
        .required("project_id", .nullable(.clientID), "Null for a user's."),
        .required("creator_id", .nullable(.clientID), "Who opened the project."), .required("balance", .money),
        .required("currency", .currency), .required("entries", .quantity, "How many there are."),
        .required("is_pro", .boolean),
        .required("monthly_quota", .money, "Used before the balance, for pro owners."),
        .required("quota_used", .money, "Of this month."),
        .required("created_at", .time), .required("initial_credit_granted", .boolean, "Whether it was opened with a credit."),
        .required("cycle_start", .nullable(.time), "Of the quota's month; null for an owner who never had one."),
        .required("cycle_end", .nullable(.time)), .required("updated_at", .time),
        .required("low_below", .nullable(.money), "A balance below it is told as `wallet.low`."),
        .required("topup", .nullable(WalletWatchInput.topUpAnswer), "What is told as `topup.requested`."),
    ]
    static let schema = Schema.answer(fields).named("Wallet")

    var object: JSON.Object {
        JSON.Object([
            "kind": .string(owner.kind), "user_id": owner.user.json, "project_id": owner.project.json, "creator_id": creator.json,
            "balance": balance.walletJSON, "currency": currency.json, "entries": entries.json,
            "initial_credit_granted": isCredited.json, "is_pro": (quota?.isPro ?? false).json,
            "monthly_quota": (quota?.monthly ?? .zero).walletJSON, "quota_used": (quota?.used ?? .zero).walletJSON,
            "cycle_start": (quota?.month.start).json, "cycle_end": (quota?.end).json, "created_at": createdAt.json,
            "updated_at": updatedAt.json, "low_below": watch?.lowBelow?.walletJSON ?? .null, "topup": watch?.topUp?.json ?? .null,
        ])
    }

    var json: JSON { .object(object) }
}

/// What a shop wants to be told of a wallet's balance.
enum WalletWatchInput {
    private static let fields: [Schema.Field] = [
        .required("below", .money, "A balance below it asks for a top-up, once until it is back."), .required("amount", .positiveMoney),
        .optional("monthly_maximum", .nullable(.money), "The most that is asked for in a calendar month (UTC)."),
        .optional(
            "cooldown_seconds", .integer(TopUpTerms.cooldowns), "The least time from one request to the next.",
            default: .integer(TopUpTerms.defaultCooldown)),
    ]
    static let topUpAnswer = Schema.answer(fields).named("TopUp")
    static let schema = Schema.object([
        .required("low_below", .nullable(.money), "A balance below it is told as `wallet.low`, once until it is back."),
        .required("topup", .nullable(.object(fields).named("TopUpInput"))), .reason,
    ]).named("WalletWatchInput")

    static func topUp(_ fields: JSON.Object) throws -> TopUpTerms? {
        guard let fields = try fields.object(ifAny: "topup") else { return nil }
        let amount = try fields.value("amount", Money.init(_:))
        return TopUpTerms(
            below: try fields.value("below", Money.init(_:)), amount: amount,
            monthlyMaximum: try fields.value(ifAny: "monthly_maximum", Money.init(_:)),
            cooldown: try fields.integer(ifAny: "cooldown_seconds") ?? TopUpTerms.defaultCooldown)
    }
}

extension TopUpTerms {
    fileprivate var json: JSON {
        [
            "below": below.walletJSON, "amount": amount.walletJSON, "monthly_maximum": monthlyMaximum?.walletJSON ?? .null,
            "cooldown_seconds": cooldown.json,
        ]
    }
}

extension WalletOwner {
    var kind: String {
        switch self {
        case .user: "user"
        case .project: "project"
        }
    }
}

extension OpenedWallet {
    static let schema = Schema.answer(
        Wallet.fields + [.required("duplicate", .boolean, "True: this is the first answer to the same request.")]
    ).named("OpenedWallet")

    var json: JSON { .object(wallet.object.followed(by: JSON.Object(["duplicate": isDuplicate.json]))) }
}

extension WalletEntry {
    static let fields: [Schema.Field] = [
        .required("number", .quantity, "1 for the wallet's first."),
        .required(
            "type", .enumeration(["opening", "credit", "charge", "refund", "fallback"]).named("WalletEntryType"),
            "`fallback`: a project's charge that its user paid, as the project could not."),
        .required("credit_id", .nullable(.clientID)), .required("charge_id", .nullable(.clientID)),
        .required("amount", .balance, "What the balance changed by: negative for a charge."),
        .required("balance_after", .money),
        .required(
            "reason", .string(0...Int.max),
            "`initial_credit`, `first_project_credit`, `ai_usage`, `ai_usage_user_fallback`, `ai_usage_personal`, or the shop's words."),
        .required("created_at", .time),
        .required("charge", .nullable(ChargeAnswer.detailSchema)), .required("refund_id", .nullable(.clientID)),
        .required("fallback_user_id", .nullable(.clientID), "Who paid a `fallback`."),
        .required("fallback_cost", .nullable(.money), "What a `fallback` came to."), .required("actor", .string(1...200)),
    ]
    static let schema = Schema.answer(fields).named("WalletEntry")

    var object: JSON.Object {
        let (type, credit) = typeAndCredit
        var fallback: (user: UserID?, cost: Money?) = (nil, nil)
        if case .fallback(_, let user, let cost) = kind { fallback = (user, cost) }
        return JSON.Object([
            "number": number.json, "type": .string(type), "credit_id": credit.json, "charge_id": chargeID.json,
            "refund_id": (refund?.id).json, "amount": amount.walletJSON, "balance_after": balance.walletJSON, "reason": reason.json,
            "fallback_user_id": fallback.user.json, "fallback_cost": fallback.cost?.walletJSON ?? .null, "actor": actor.text.json,
            "created_at": at.json, "charge": charge == nil ? .null : .object(chargeDetails),
        ])
    }

    private var typeAndCredit: (String, CreditID?) {
        switch kind {
        case .opening: ("opening", nil)
        case .credit(let id, _): ("credit", id)
        case .charge: ("charge", nil)
        case .refund: ("refund", nil)
        case .fallback: ("fallback", nil)
        }
    }

    private var chargeID: ChargeID? {
        if case .fallback(let id, _, _) = kind { id } else { charge?.id ?? refund?.charge }
    }

    var json: JSON { .object(object) }
}

/// A credit as a client makes it.
enum CreditInput {
    static let schema = Schema.object([
        .optional("credit_id", .clientID, "The credit is made once for it; else for the `Idempotency-Key`."),
        .required("amount", .positiveMoney), .required("reason", .string(1...500)),
    ]).named("CreditInput").sampled(["credit_id": "credit-1", "amount": "10.00", "reason": "Welcome."])
}

extension CreditAnswer {
    static let schema = Schema.answer(
        WalletEntry.fields + [
            .required("balance", .money, "After it."),
            .required("duplicate", .boolean, "True: this is the first answer to the same credit."),
        ]
    ).named("Credit")

    var json: JSON {
        .object(entry.object.followed(by: JSON.Object(["balance": entry.balance.walletJSON, "duplicate": isDuplicate.json])))
    }
}
