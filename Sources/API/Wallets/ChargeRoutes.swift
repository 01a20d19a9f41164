import HTTP
import JSON
import Metering
import Service
import Web

/// Charges for the use of models, and the billing errors of charges that nothing could pay.
struct ChargeRoutes: Sendable {
    let service: ShopMeter

    var all: [Route] { [charge, list, refund, estimate, errors, resolve] }

    private var charge: Route {
        Route(
            .post, "/v1/charges", id: "createCharge", "Charge for the use of a model",
            description: "By the price in force. The project pays, whole or not at all, else the user; neither: 402, and a billing error.",
            tag: WalletRoutes.tag, access: .shop(.billing), idempotency: .id("charge_id", orKey: true), body: .json(ChargeInput.schema),
            answers: [
                .json(201, "It is paid", ChargeAnswer.schema), .json(200, "It was paid before: the first answer", ChargeAnswer.schema),
            ],
            problems: [.insufficientBalance, .notFound, .priceMissing], isBrief: true
        ) { call in
            let key = try call.idempotencyKey.map(ChargeID.init(stored:))
            let id = try call.fields.identifier(ifAny: "charge_id") ?? key ?? service.newChargeID()
            let answer = try await service.chargeModelUse(id, try ChargeInput.content(call.fields), for: call.tenant)
            return .json(answer.isDuplicate ? 200 : 201, answer.json)
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/charges", id: "listCharges", "Charges that were paid", tag: WalletRoutes.tag,
            access: .shop(.billingRead, endUser: true),
            parameters: [.query("user_id", .clientID, "Only those of this user.")] + Page.parameters,
            answers: [.json(200, "Charges, newest first", Page.schema(of: WalletEntry.paidSchema))]
        ) { call in
            let list = ChargeList(of: try call.parameters.identifier(ifAny: "user_id"))
            return try await call.answer("charges", list, keyedBy: .timeAndID(), from: service) { .object($0.paidObject) }
        }
    }

    private var refund: Route {
        Route(
            .post, "/v1/charges/{charge_id}/refund", id: "refundCharge", "Give a charge back, whole or in part",
            description: "To the wallet that paid; never more than was charged.", tag: WalletRoutes.tag, access: .shop(.billing),
            idempotency: .id("refund_id", orKey: true), parameters: [.clientID("charge_id")], body: .optional(ChargeRefundInput.schema),
            answers: [
                .json(201, "It is given back", ChargeRefundAnswer.schema),
                .json(200, "It was given back before: the first answer", ChargeRefundAnswer.schema),
            ],
            problems: [.notFound, .conflict], handle: refundCharge)
    }

    private func refundCharge(_ call: Call) async throws -> Response {
        let key = try call.idempotencyKey.map(RefundID.init(stored:))
        guard let id = try call.fields.identifier(ifAny: "refund_id") ?? key else {
            throw Problem.invalid("refund_id", "is required, or an Idempotency-Key: sent twice, it is made once")
        }
        let amount = try call.fields.value(ifAny: "amount", Money.init(_:))
        let answer = try await service.refundCharge(try call.parameters.identifier("charge_id"), amount, as: id, in: call.tenant)
        return .json(answer.isDuplicate ? 200 : 201, answer.json)
    }

    private var estimate: Route {
        Route(
            .post, "/v1/charges/estimate", id: "estimateCharge", "What a charge would come to", description: "Nothing is charged.",
            tag: WalletRoutes.tag,
            access: .shop(.billingRead), idempotency: .none("nothing is changed"), body: .json(ChargeInput.estimateSchema),
            answers: [.json(200, "The estimate", ChargeEstimate.schema)], problems: [.notFound, .priceMissing], isBrief: true
        ) { call in .json(200, try await service.estimateCharge(try ChargeInput.content(call.fields), for: call.tenant).json) }
    }

    private var errors: Route {
        Route(
            .get, "/v1/billing-errors", id: "listBillingErrors", "Charges that nothing could pay", tag: WalletRoutes.tag,
            access: .shop(.billingRead),
            parameters: [.query("resolved", .boolean, "Only those that are, or are not; both, when left out.")] + Page.parameters,
            answers: [.json(200, "Billing errors, newest first", Page.schema(of: BillingError.schema))], handle: listErrors)
    }

    private func listErrors(_ call: Call) async throws -> Response {
        let list = BillingErrorList(isResolved: try call.parameters.bool(ifAny: "resolved"))
        return try await call.answer("billing_errors", list, keyedBy: .timeAndID(), from: service, json: \.json)
    }

    private var resolve: Route {
        Route(
            .post, "/v1/billing-errors/{billing_error_id}/resolve", id: "resolveBillingError", "Resolve a billing error",
            description: "Twice is the same as once.",
            tag: WalletRoutes.tag, access: .shop(.billing),
            idempotency: .key, parameters: [.clientID("billing_error_id")],
            body: .optional(.object([.optional("note", .string(1...500))])),
            answers: [.json(200, "The billing error", BillingError.resolvedSchema)], problems: [.notFound]
        ) { call in
            let id: ChargeID = try call.parameters.identifier("billing_error_id")
            let once: IdempotentRequest<BillingError>? = try call.once(as: "POST /v1/billing-errors/\(id)/resolve") { $0.json }
            let note = try call.fields.text(ifAny: "note")
            return try await service.resolveBillingError(id, note: note, of: call.tenant, once: once).response { .json(200, $0.json) }
        }
    }
}
