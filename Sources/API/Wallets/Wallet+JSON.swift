import JSON
import Metering
import Service
import Web

extension Wallet {
    static let fields: [Schema.Field] = [
        .required("kind", .enumeration(["user", "project"])), .required("user_id", .nullable(.clientID), "Null for a project's."),
        .required("project_id", .nullable(.clientID), "Null for a user's."),
        .required("creator_id", .nullable(.clientID), "Who opened the project."), .required("balance", .money),
        .required("currency", .currency), .required("entries", .quantity, "How many there are."),
        .required("is_pro", .boolean), .required("monthly_quota", .money, "Used before the balance, for pro owners."),
        .required("quota_used", .money, "Of this month."), .required("created_at", .time),
    ]
    static let schema = Schema.answer(fields).named("Wallet")

    var object: JSON.Object {
        JSON.Object([
            "kind": .string(owner.kind), "user_id": owner.user.json, "project_id": owner.project.json, "creator_id": creator.json,
            "balance": balance.walletJSON, "currency": currency.json, "entries": entries.json, "is_pro": (quota?.isPro ?? false).json,
            "monthly_quota": (quota?.monthly ?? .zero).walletJSON, "quota_used": (quota?.used ?? .zero).walletJSON,
            "created_at": createdAt.json,
        ])
    }

    var json: JSON { .object(object) }
}

extension WalletOwner {
    fileprivate var kind: String {
        switch self {
        case .user: "user"
        case .project: "project"
        }
    }

    var user: UserID? { if case .user(let id) = self { id } else { nil } }
    var project: ProjectID? { if case .project(let id) = self { id } else { nil } }
}

extension OpenedWallet {
    static let schema = Schema.answer(
        Wallet.fields + [.required("duplicate", .boolean, "True: this is the first answer to the same request.")]
    ).named("OpenedWallet")

    var json: JSON { .object(wallet.object.followed(by: JSON.Object(["duplicate": isDuplicate.json]))) }
}

extension WalletEntry {
    static let fields: [Schema.Field] = [
        .required("number", .quantity, "1 for the wallet's first."), .required("type", .enumeration(["opening", "credit", "charge"])),
        .required("credit_id", .nullable(.clientID)), .required("charge_id", .nullable(.clientID)),
        .required("amount", .balance, "What the balance changed by: negative for a charge."),
        .required("balance_after", .money), .required("reason", .nullable(.string(0...Int.max))), .required("created_at", .time),
        .required("charge", .nullable(ChargeAnswer.detailSchema)),
    ]
    static let schema = Schema.answer(fields).named("WalletEntry")

    var object: JSON.Object {
        var (type, credit, reason) = ("opening", CreditID?.none, String?.none)
        switch kind {
        case .opening: break
        case .credit(let id, let text): (type, credit, reason) = ("credit", id, text)
        case .charge: type = "charge"
        }
        return JSON.Object([
            "number": number.json, "type": .string(type), "credit_id": credit.json, "charge_id": (charge?.id).json,
            "amount": amount.walletJSON, "balance_after": balance.walletJSON, "reason": reason.json, "created_at": at.json,
            "charge": charge == nil ? .null : .object(chargeDetails),
        ])
    }

    var json: JSON { .object(object) }
}

/// A credit as a client makes it.
enum CreditInput {
    static let schema = Schema.object([
        .optional("credit_id", .clientID, "The credit is made once for it; else for the `Idempotency-Key`."),
        .required("amount", .money, "More than zero."), .required("reason", .string(1...500)),
    ]).named("CreditInput")
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
