import HTTP
import JSON
import Metering
import Service
import Web

/// What a user may still use: checks, purchases, and the overview of a user.
struct BalanceRoutes: Sendable {
    let service: ShopMeter

    private static let userID = Parameter.clientID("user_id")

    var all: [Route] { [check, purchase, purchases, user] }

    private var check: Route {
        Route(
            .get, "/v1/usage/{user_id}/check", id: "checkUsage", "Whether a user may go on",
            description: "What would become of an amount, from where it would be taken, and why not. Nothing is changed.",
            tag: UsageRoutes.tag, access: .shop(.read, endUser: true),
            parameters: [
                Self.userID, .query("meter", .identifier, "What is counted.", default: "tokens"),
                .query("amount", .quantity, "What is asked for.", default: 1),
            ],
            answers: [.json(200, "The explanation", UsageCheck.schema)], isBrief: true
        ) { call in
            let check = try await service.checkUsage(
                try call.parameters.integer("amount"), of: try call.parameters.identifier("meter"),
                for: try call.parameters.identifier("user_id"), in: call.tenant)
            return .json(200, written: check.json)
        }
    }

    private var purchase: Route {
        Route(
            .post, "/v1/usage/{user_id}/purchases", id: "createPurchase", "Add to what a user has purchased",
            description: "It does not end with a period, and nothing but use lowers it.", tag: UsageRoutes.tag, access: .shop(.usage),
            idempotency: .id("purchase_id", orKey: true), parameters: [Self.userID], body: .json(PurchaseInput.schema),
            answers: [
                .json(201, "It is added", PurchaseAnswer.schema),
                .json(200, "It was added before: the first answer", PurchaseAnswer.schema),
            ],
            isBrief: true, handle: makePurchase)
    }

    private func makePurchase(_ call: Call) async throws -> Response {
        let key = try call.idempotencyKey.map(PurchaseID.init(stored:))
        guard let id = try call.fields.identifier(ifAny: "purchase_id") ?? key else {
            throw Problem.invalid("purchase_id", "is required, where there is no Idempotency-Key")
        }
        let content = try PurchaseInput.content(call.fields, for: try call.parameters.identifier("user_id"))
        let answer = try await service.purchaseUsage(id, content, for: call.tenant)
        return .json(answer.isDuplicate ? 200 : 201, answer.json)
    }

    private var purchases: Route {
        Route(
            .get, "/v1/usage/{user_id}/purchases", id: "listPurchases", "What a user has purchased", tag: UsageRoutes.tag,
            access: .shop(.read, endUser: true), parameters: [Self.userID] + Page.parameters,
            answers: [.json(200, "Purchases, newest first", Page.schema(of: Purchase.schema))]
        ) { call in
            let list = PurchaseList(of: try call.parameters.identifier("user_id"))
            return try await call.answer("purchases", list, keyedBy: .timeAndID(), from: service) { .object($0.object) }
        }
    }

    private var user: Route {
        Route(
            .get, "/v1/users/{user_id}", id: "getUser", "Everything about a user",
            description: "Subscription, plan, balances, open holds and what will change, in one read.", tag: UsageRoutes.tag,
            access: .shop(.read, endUser: true), parameters: [Self.userID],
            answers: [.json(200, "The user", UserOverview.schema)], isBrief: true
        ) { call in
            var overview = try await service.overview(of: try call.parameters.identifier("user_id"), in: call.tenant)
            // The shop's notes about a user are not for the user.
            if call.isEndUser { overview.profile?.metadata = [:] }
            return .json(200, overview.json)
        }
    }
}
