import HTTP
import JSON
import Metering
import Service
import Web

/// What takes back or sets right what was recorded.
struct CorrectionRoutes: Sendable {
    let service: ShopMeter

    private static let userID = Parameter.clientID("user_id")

    var all: [Route] { [void, voids, adjust, adjustments] }

    private var void: Route {
        Route(
            .post, "/v1/usage/{user_id}/events/{event_id}/void", id: "voidEvent", "Take an event back, whole or in part",
            description: """
                While its period is open all is as if the event had been smaller: debt goes first, then what was purchased, then the rollover, \
                and the limit last. Of a closed period, what its allowance gave is allowance now, and overage that was billed \
                is a credit on the next invoice.
                """,
            tag: UsageRoutes.tag, access: .shop(.usage), idempotency: .id("void_id", orKey: true),
            parameters: [Self.userID, .clientID("event_id")], body: .json(VoidInput.schema),
            answers: [
                .json(201, "It is void", VoidAnswer.schema), .json(200, "It was made before: the first answer", VoidAnswer.schema),
            ],
            problems: [.notFound, .conflict], handle: voidEvent)
    }

    private func voidEvent(_ call: Call) async throws -> Response {
        let key = try call.idempotencyKey.map(VoidID.init(stored:))
        let content = try VoidInput.content(
            call.fields, of: try call.parameters.identifier("event_id"), by: try call.parameters.identifier("user_id"))
        let answer = try await service.voidEvent(
            try call.fields.identifier(ifAny: "void_id") ?? key ?? VoidID(of: content), content, in: call.tenant)
        return .json(answer.isDuplicate ? 200 : 201, answer.json)
    }

    private var voids: Route {
        Route(
            .get, "/v1/usage/{user_id}/voids", id: "listVoids", "What was taken back of a user's events", tag: UsageRoutes.tag,
            access: .shop(.read, endUser: true), parameters: [Self.userID] + Page.parameters,
            answers: [.json(200, "Voids, newest first", Page.schema(of: EventVoid.schema))]
        ) { call in
            let list = VoidList(of: try call.parameters.identifier("user_id"))
            return try await call.answer("voids", list, keyedBy: .timeAndID(), from: service) { .object($0.object) }
        }
    }

    private var adjust: Route {
        Route(
            .post, "/v1/usage/{user_id}/adjustments", id: "createAdjustment", "Set a balance right",
            description: "An amount above 0 pays debt first, and is added to what was purchased; one below 0 is taken, as an event's is.",
            tag: UsageRoutes.tag, access: .shop(.usage), idempotency: .id("adjustment_id", orKey: true), parameters: [Self.userID],
            body: .json(AdjustmentInput.schema),
            answers: [
                .json(201, "It is set right", AdjustmentAnswer.schema),
                .json(200, "It was made before: the first answer", AdjustmentAnswer.schema),
            ],
            handle: makeAdjustment)
    }

    private func makeAdjustment(_ call: Call) async throws -> Response {
        let key = try call.idempotencyKey.map(AdjustmentID.init(stored:))
        guard let id = try call.fields.identifier(ifAny: "adjustment_id") ?? key else {
            throw Problem.invalid("adjustment_id", "is required, where there is no Idempotency-Key")
        }
        let content = try AdjustmentInput.content(call.fields, for: try call.parameters.identifier("user_id"))
        let answer = try await service.adjustUsage(id, content, in: call.tenant)
        return .json(answer.isDuplicate ? 200 : 201, answer.json)
    }

    private var adjustments: Route {
        Route(
            .get, "/v1/usage/{user_id}/adjustments", id: "listAdjustments", "What was set right", tag: UsageRoutes.tag,
            access: .shop(.read, endUser: true), parameters: [Self.userID] + Page.parameters,
            answers: [.json(200, "Adjustments, newest first", Page.schema(of: Adjustment.schema))]
        ) { call in
            let list = AdjustmentList(of: try call.parameters.identifier("user_id"))
            return try await call.answer("adjustments", list, keyedBy: .timeAndID(), from: service) { .object($0.object) }
        }
    }
}
