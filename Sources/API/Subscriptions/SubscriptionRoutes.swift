import HTTP
import JSON
import Metering
import Service
import Web

/// Subscriptions: agreements between a shop and its users.
struct SubscriptionRoutes: Sendable {
    let service: ShopMeter

    static let tag = "subscriptions"
    private static let userID = Parameter.clientID("user_id")
    private static let key = Schema.text(
        TextFormat(expectation: "24 hexadecimal digits", keywords: ["pattern": "^[0-9a-f]{24}$"]) { text in
            text.utf8.count == 24 && text.allSatisfy(\.isHexDigit)
        })

    var all: [Route] { [post, preview, list, get, cancel, suspend, resume, reset] }

    private var post: Route {
        Route(
            .post, "/v1/subscriptions", id: "createSubscription", "Create or change a subscription",
            description: "A `create` for a user who has a live subscription changes it.", tag: Self.tag, access: .shop(.manage),
            idempotency: .key, body: .json(SubscriptionInput.schema),
            answers: [
                .json(201, "The subscription is new", SubscriptionChange.schema),
                .json(200, "The subscription was changed, or this was done before", SubscriptionChange.schema),
            ],
            problems: [.notFound, .conflict, .invalidTransition], handle: change)
    }

    private func change(_ call: Call) async throws -> Response {
        let request = try SubscriptionInput.request(call.fields)
        let once: IdempotentRequest<SubscriptionChange>? = try call.once(as: "POST /v1/subscriptions") { $0.json }
        let outcome = try await service.changeSubscription(request, of: call.tenant, by: call.actor, once: once)
        return try outcome.response { .json($0.isCreated ? 201 : 200, $0.json) }
    }

    private var preview: Route {
        Route(
            .post, "/v1/subscriptions/preview", id: "previewSubscription", "What a change of a subscription would come to",
            description: "The change is made, and taken back before it is stored: the invoices are those that it would issue or move.",
            tag: Self.tag, access: .shop(.manage), idempotency: .none("nothing is changed"), body: .json(SubscriptionInput.schema),
            answers: [.json(200, "The subscription as it would be", SubscriptionPreview.schema)],
            problems: [.notFound, .conflict, .invalidTransition]
        ) { call in
            let request = try SubscriptionInput.request(call.fields)
            return .json(200, try await service.previewSubscription(request, of: call.tenant, by: call.actor).json)
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/subscriptions", id: "listSubscriptions", "The subscriptions", tag: Self.tag, access: .shop(.read),
            parameters: [
                .query("status", .choice(of: SubscriptionStatus.self, named: "SubscriptionStatus"), "Only those that are in it now."),
                .query("plan_name", .identifier, "Only those of this plan."),
            ] + Page.parameters,
            answers: [.json(200, "Subscriptions, oldest first", Page.schema(of: SubscriptionView.schema))], handle: listSubscriptions)
    }

    private func listSubscriptions(_ call: Call) async throws -> Response {
        let status = try call.parameters.value(ifAny: "status", SubscriptionStatus.init(rawValue:))
        let plan: PlanName? = try call.parameters.identifier(ifAny: "plan_name")
        return try await call.answer(
            "subscriptions", keyedBy: .id(Self.key), key: \SubscriptionView.subscription.id, json: { $0.json() },
            read: { try await service.subscriptions(of: call.tenant, status: status, plan: plan, after: $0, limit: $1) })
    }

    private var get: Route {
        Route(
            .get, "/v1/subscriptions/{user_id}", id: "getSubscription", "A user's subscription",
            description: "The live one, else the last one.", tag: Self.tag, access: .shop(.read, endUser: true),
            parameters: [Self.userID, .query("include_history", .boolean, "With the days and the earlier plans.", default: false)],
            answers: [.json(200, "The subscription", SubscriptionView.schema)], problems: [.notFound], isBrief: true
        ) { call in
            let isWhole = try call.parameters.bool("include_history")
            let view = try await service.subscription(
                of: try call.parameters.identifier("user_id"), in: call.tenant, withDays: isWhole)
            return .json(200, view.json(includesHistory: isWhole))
        }
    }
}

/// The steps of a subscription's life that leave its plan as it is.
extension SubscriptionRoutes {
    private var cancel: Route {
        let body = Schema.object([.optional("at", SubscriptionInput.effectiveSchema, default: "period_end"), .reason])
        return step("cancel", "Cancel a subscription", .optional(body)) {
            .cancel(try $0.value(ifAny: "at", Effective.init(rawValue:)) ?? .periodEnd)
        }
    }

    private var suspend: Route {
        step("suspend", "Suspend a subscription", .json(.object([.required("reason", .string(1...500))]))) {
            .suspend(reason: try $0.text("reason"))
        }
    }

    private var resume: Route {
        step("resume", "End a suspension, or take a cancellation back", .optional(.object([.reason]))) { _ in .resume }
    }

    private var reset: Route {
        let body = Schema.object([
            .optional("end_trial", .boolean, "A trial is over then; without it, a trial is not reset.", default: false), .reason,
        ])
        return step("reset", "Close the period now and begin a new one", .optional(body)) {
            .reset(endingTrial: try $0.bool(ifAny: "end_trial") ?? false)
        }
    }

    private func step(
        _ name: String, _ summary: String, _ body: RequestBody, _ read: @escaping @Sendable (JSON.Object) throws -> SubscriptionStep
    ) -> Route {
        Route(
            .post, "/v1/subscriptions/{user_id}/\(name)", id: "\(name)Subscription", summary, tag: Self.tag, access: .shop(.manage),
            idempotency: .key,
            parameters: [Self.userID], body: body, answers: [.json(200, "The subscription after it", SubscriptionView.movedSchema)],
            problems: [.notFound, .conflict, .invalidTransition]
        ) { call in
            let (user, step): (UserID, SubscriptionStep) = (try call.parameters.identifier("user_id"), try read(call.fields))
            let once: IdempotentRequest<SubscriptionView>? = try call.once(as: "POST /v1/subscriptions/\(user)/\(name)") {
                $0.json(saying: step.message)
            }
            let outcome = try await service.moveSubscription(of: user, in: call.tenant, step, by: call.actor, once: once)
            return try outcome.response { .json(200, $0.json(saying: step.message)) }
        }
    }
}
