import HTTP
import JSON
import Metering
import Service
import Web

/// Calls of models: what the provider says that they used is counted, charged and held against limits in one step.
struct CallRoutes: Sendable {
    let service: ShopMeter

    static let tag = "calls"

    var all: [Route] { [post, estimate, hold, list, get] }

    private var post: Route {
        Route(
            .post, "/v1/calls", id: "recordCall", "Record a call of a model",
            description: """
                Its tokens are counted, its cost is charged where the project or the user has a wallet, and its hold ends: all of it or nothing, \
                once for its id. A meter of the user's plan that has a class's name (`input`, `output`, `cache_read`, …) counts the tokens of that \
                class too. A class of tokens without a price has its fallback's, which `costs` names, or is 422 `price_missing`.
                """,
            tag: Self.tag, access: .shop(.billing), idempotency: .id("call_id", orKey: true), body: .json(CallInput.schema),
            answers: [
                .json(201, "It is recorded", CallAnswer.schema), .json(200, "It was recorded before: the first answer", CallAnswer.schema),
            ],
            problems: [.usageLimitExceeded, .insufficientBalance, .notFound, .priceMissing, .invalidTransition], handle: record)
    }

    private func record(_ call: Call) async throws -> Response {
        let key = try call.idempotencyKey.map(CallID.init(stored:))
        let id = try call.fields.identifier(ifAny: "call_id") ?? key ?? service.newCallID()
        let (content, object) = try CallInput.call(call.fields)
        let enforce = try call.fields.bool(ifAny: "enforce") ?? false
        let answer = try await service.recordCall(id, content, object: object, enforce: enforce, for: call.tenant)
        return .json(answer.isDuplicate ? 200 : 201, written: answer.json)
    }

    private var estimate: Route {
        Route(
            .post, "/v1/calls/estimate", id: "estimateCall", "What a call would come to", description: "Nothing is changed.", tag: Self.tag,
            access: .shop(.billingRead), idempotency: .none("nothing is changed"), body: .json(CallInput.estimateSchema),
            answers: [.json(200, "The estimate", CallEstimate.schema)], problems: [.notFound, .priceMissing]
        ) { call in .json(200, .object(try await service.estimateCall(try CallInput.forecast(call.fields), for: call.tenant).object)) }
    }

    private var hold: Route {
        let schema = Schema.answer(
            Reservation.fields + [
                .required("call_id", .clientID), .required("duplicate", .boolean), .required("remaining", .nullable(.quantity)),
                .required("cost", .money, "The most that the call may cost. Money is not held."), .required("currency", .currency),
            ]
        ).named("CallHold")
        return Route(
            .post, "/v1/calls/hold", id: "holdCall", "Hold the tokens that a call may take",
            description: """
                The prompt's and `max_tokens`, as a reservation with the call's id, which `POST /v1/calls` ends as its `hold`. 402 when too few are \
                left, or when nobody can pay the most that the call may cost.
                """,
            tag: Self.tag, access: .shop(.billing), idempotency: .id("call_id", orKey: true), body: .json(CallInput.holdSchema),
            answers: [.json(201, "The tokens are held", schema), .json(200, "They were held before: the first answer", schema)],
            problems: [.usageLimitExceeded, .insufficientBalance, .notFound, .priceMissing], handle: holdTokens)
    }

    private func holdTokens(_ call: Call) async throws -> Response {
        let key = try call.idempotencyKey.map(CallID.init(stored:))
        let id = try call.fields.identifier(ifAny: "call_id") ?? key ?? service.newCallID()
        let seconds = try call.fields.integer(ifAny: "ttl_seconds") ?? ReservationRequest.defaultSeconds
        let (made, estimate) = try await service.holdCall(id, try CallInput.forecast(call.fields), seconds: seconds, for: call.tenant)
        let answer = made.reservation.object.followed(by: [
            "call_id": id.json, "duplicate": made.isDuplicate.json, "remaining": made.reservation.remaining.json,
            "cost": estimate.charge.cost.walletJSON, "currency": estimate.charge.prices.currency.json,
        ])
        return .json(made.isDuplicate ? 200 : 201, .object(answer))
    }

    private var list: Route {
        Route(
            .get, "/v1/calls", id: "listCalls", "The calls", tag: Self.tag, access: .shop(.billingRead),
            parameters: [.query("user_id", .clientID, "Only those of this user.")] + UsageRoutes.range + Page.parameters,
            answers: [.json(200, "Calls, newest first", Page.schema(of: RecordedCall.schema))], handle: listCalls)
    }

    private func listCalls(_ call: Call) async throws -> Response {
        let range = TimeRange(from: try call.parameters.time(ifAny: "from"), to: try call.parameters.time(ifAny: "to"))
        let list = CallList(of: try call.parameters.identifier(ifAny: "user_id"), in: range)
        return try await call.answer("calls", list, keyedBy: .timeAndID(), from: service) { .object($0.object) }
    }

    private var get: Route {
        Route(
            .get, "/v1/calls/{call_id}", id: "getCall", "One call", tag: Self.tag, access: .shop(.billingRead),
            parameters: [.clientID("call_id")],
            answers: [.json(200, "The call", RecordedCall.schema)], problems: [.notFound]
        ) { call in .json(200, .object(try await service.call(try call.parameters.identifier("call_id"), in: call.tenant).object)) }
    }
}
