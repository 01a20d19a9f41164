import JSON
import Metering
import Service
import Web

/// A purchase as a client reports it.
enum PurchaseInput {
    static let schema = Schema.object([
        .optional("purchase_id", .clientID, "The purchase is made once for it; else for the `Idempotency-Key`."),
        .optional("meter", .identifier, default: "tokens"), .required("amount", .integer(1...Quantity.largest)),
        .optional("price", .money), .optional("currency", .currency, "The shop's, when left out."), .reason,
    ]).named("PurchaseInput").sampled(["purchase_id": "pack-1", "meter": "tokens", "amount": 500, "price": "4.99"])

    static func content(_ fields: JSON.Object, for user: UserID) throws -> PurchaseContent {
        PurchaseContent(
            user: user, meter: try fields.identifier(ifAny: "meter") ?? .tokens, amount: try fields.integer("amount"),
            price: try fields.value(ifAny: "price", Money.init(_:)), currency: try fields.value(ifAny: "currency", Currency.init(_:)))
    }
}

extension PurchaseAnswer {
    static let schema = Schema.answer(
        fields + [.required("duplicate", .boolean, "True: this is the first answer to the same purchase.")]
    ).named("MadePurchase")

    static let fields: [Schema.Field] = [
        .required("purchase_id", .clientID), .required("user_id", .clientID), .required("meter", .identifier),
        .required("amount", .quantity),
        .required("price", .nullable(.money)), .required("currency", .nullable(.currency)), .required("purchased_at", .time),
        .required("purchased", .quantity, "What of all purchases is left after it."),
        .required("remaining", .nullable(.quantity), "What can be used after it; null is unlimited."),
        .required("actor", .string(1...200)), .required("reason", .nullable(.string(0...500))),
    ]

    var json: JSON { .object(purchase.object.followed(by: ["duplicate": isDuplicate.json])) }
}

extension Purchase {
    static let schema = Schema.answer(PurchaseAnswer.fields).named("Purchase")

    var object: JSON.Object {
        JSON.Object([
            "purchase_id": id.json, "user_id": content.user.json, "meter": content.meter.json,
            "amount": content.amount.json, "price": content.price.json, "currency": content.currency.json,
            "purchased_at": at.json, "purchased": purchased.json, "remaining": remaining.json, "actor": author.actor.text.json,
            "reason": author.reason.json,
        ])
    }
}

extension UsageCheck {
    static let schema = Schema.answer([
        .required("allowed", .boolean), .required("meter", .identifier), .required("limit", .nullable(.quantity), "Null: unlimited."),
        .required("current", .quantity, "Used of the period's allowance."), .required("requested", .quantity),
        .required("available", .nullable(.quantity), "Null: unlimited."), .required("reserved", .quantity, "Held by open reservations."),
        .required("would_take", Breakdown.schema, "From where the amount would be taken."),
        .required("reason", .nullable(.string(1...500)), "Why it is not allowed; null when it is."),
    ]).named("UsageCheck")

    var json: [UInt8] {
        ObjectWriter.object(capacity: 384) { answer in
            answer.field("allowed", isAllowed)
            answer.field("meter", meter.rawValue)
            answer.field("limit", limit.quantity)
            answer.field("current", current)
            answer.field("requested", requested)
            answer.field("available", available)
            answer.field("reserved", reserved)
            answer.object("would_take", wouldTake.write)
            answer.field("reason", reason)
        }
    }
}
