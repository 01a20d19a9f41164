import JSON
import Metering
import Service
import Web

/// The part of an event that a client takes back.
enum VoidInput {
    static let schema = Schema.object([
        .optional("void_id", .clientID, "It is made once for it; else for the `Idempotency-Key`; else once for the event."),
        .optional("amount", .integer(1...Quantity.largest), "All of the event that is not void yet, when left out."),
        .required("reason", .string(1...500)),
    ]).named("VoidInput").sampled(["void_id": "void-1", "amount": 20, "reason": "The answer was cut off."])

    static func content(_ fields: JSON.Object, of event: EventID, by user: UserID) throws -> VoidContent {
        VoidContent(user: user, event: event, amount: try fields.integer(ifAny: "amount"), reason: try fields.text("reason"))
    }
}

extension EventVoid {
    static let fields: [Schema.Field] = [
        .required("void_id", .clientID), .required("event_id", .clientID), .required("user_id", .clientID),
        .required("meter", .identifier), .required("amount", .quantity),
        .required("voided", .quantity, "Of the event, in all, after it."), .required("returned", Returned.schema),
        .required("credit", .nullable(VoidCredit.schema), "Overage that was billed; null where none was."),
        .required("reason", .string(1...500)), .required("actor", .string(1...200)), .required("voided_at", .time),
    ]
    static let schema = Schema.answer(fields + BalanceAfter.fields).named("EventVoid")

    var object: JSON.Object {
        JSON.Object([
            "void_id": id.json, "event_id": content.event.json, "user_id": content.user.json, "meter": meter.json,
            "amount": amount.json, "voided": voided.json, "returned": returned.json, "credit": credit?.json ?? .null,
            "reason": content.reason.json, "actor": actor.text.json, "voided_at": at.json,
        ]).followed(by: balance.object)
    }
}

extension VoidAnswer {
    static let schema = Schema.answer(
        EventVoid.fields + BalanceAfter.fields + [.required("duplicate", .boolean, "True: this is the first answer to the same void.")]
    ).named("MadeVoid")

    var json: JSON { .object(void.object.followed(by: ["duplicate": isDuplicate.json])) }
}

extension Returned {
    fileprivate static let schema = Schema.answer([
        .required("to_subscription", .quantity), .required("to_rollover", .quantity, "Of a closed period also what its limit gave."),
        .required("to_purchased", .quantity), .required("from_debt", .quantity),
    ]).named("Returned")

    fileprivate var json: JSON {
        [
            "to_subscription": toSubscription.json, "to_rollover": toRollover.json, "to_purchased": toPurchased.json,
            "from_debt": fromDebt.json,
        ]
    }
}

extension VoidCredit {
    fileprivate static let schema = Schema.answer([
        .required("overage", .quantity), .required("amount", .moneySum, "Taken off the next invoice."), .required("currency", .currency),
    ]).named("VoidCredit")

    fileprivate var json: JSON { ["overage": overage.json, "amount": amount.json, "currency": currency.json] }
}

extension BalanceAfter {
    static let fields: [Schema.Field] = [
        .required("used", .quantity, "Of the period's allowance, after it."), .required("limit", .nullable(.quantity)),
        .required("remaining", .nullable(.quantity), "What can be used after it; null is unlimited."),
    ]

    var object: JSON.Object { JSON.Object(["used": used.json, "limit": limit.json, "remaining": remaining.json]) }
}

/// A balance that a person sets right.
enum AdjustmentInput {
    static let schema = Schema.object([
        .optional("adjustment_id", .clientID, "It is made once for it; else for the `Idempotency-Key`."),
        .optional("meter", .identifier, default: "tokens"),
        .required(
            "amount", .alternatives([.integer(1...Quantity.largest), .integer(-Quantity.largest ... -1)]),
            "Above 0: pays debt, and is added to what was purchased. Below 0: is taken, as an event's is."),
        .required("reason", .string(1...500)),
    ]).named("AdjustmentInput").sampled([
        "adjustment_id": "adjustment-1", "meter": "tokens", "amount": 100, "reason": "For the outage of the 20th.",
    ])

    static func content(_ fields: JSON.Object, for user: UserID) throws -> AdjustmentContent {
        AdjustmentContent(
            user: user, meter: try fields.identifier(ifAny: "meter") ?? .tokens, amount: try fields.integer("amount"),
            reason: try fields.text("reason"))
    }
}

extension Adjustment {
    static let fields: [Schema.Field] = [
        .required("adjustment_id", .clientID), .required("user_id", .clientID), .required("meter", .identifier),
        .required("amount", .integer(-Quantity.largest...Quantity.largest)), .required("paid_debt", .quantity),
        .required("to_purchased", .quantity),
        .required("to_rollover", .integer(-Quantity.largest...Quantity.largest), "Of an imported opening balance; else 0."),
        .required("breakdown", Breakdown.schema, "From where an amount below 0 was taken."),
        .required("reason", .string(1...500)), .required("actor", .string(1...200)), .required("adjusted_at", .time),
    ]
    static let schema = Schema.answer(fields + BalanceAfter.fields).named("Adjustment")

    var object: JSON.Object {
        JSON.Object([
            "adjustment_id": id.json, "user_id": content.user.json, "meter": content.meter.json, "amount": content.amount.json,
            "paid_debt": effect.paidDebt.json, "to_purchased": effect.toPurchased.json,
            "to_rollover": effect.toRollover.json, "breakdown": effect.taken.json,
            "reason": content.reason.json, "actor": actor.text.json, "adjusted_at": at.json,
        ]).followed(by: balance.object)
    }
}

extension AdjustmentAnswer {
    static let schema = Schema.answer(
        Adjustment.fields + BalanceAfter.fields + [
            .required("duplicate", .boolean, "True: this is the first answer to the same adjustment.")
        ]
    ).named("MadeAdjustment")

    var json: JSON { .object(adjustment.object.followed(by: ["duplicate": isDuplicate.json])) }
}

extension VoidID: JSONValue {}
extension AdjustmentID: JSONValue {}
