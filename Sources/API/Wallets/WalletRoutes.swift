import HTTP
import JSON
import Metering
import Service
import Web

/// Wallets of users and projects.
struct WalletRoutes: Sendable {
    let service: ShopMeter

    static let tag = "money"

    var all: [Route] {
        [open, openProject, quota] + [Holder.user, .project].flatMap { [get(of: $0), entries(of: $0), credit(of: $0), watch(of: $0)] }
    }

    /// The kind of owner whose wallet a path is about: a user or a project.
    private struct Holder: Sendable {
        let name: String
        let path: String
        let isUser: Bool

        static let user = Holder(name: "user_id", path: "/v1/users/{user_id}/wallet", isUser: true)
        static let project = Holder(name: "project_id", path: "/v1/projects/{project_id}/wallet", isUser: false)

        /// The holder's part of an operation's id.
        var noun: String { isUser ? "User" : "Project" }

        func owner(_ call: Call) throws -> WalletOwner {
            isUser ? .user(try call.parameters.identifier(name)) : .project(try call.parameters.identifier(name))
        }
    }

    private var open: Route {
        Route(
            .post, Holder.user.path, id: "openUserWallet", "Open a user's wallet", description: "With its credit; once.", tag: Self.tag,
            access: .shop(.billing),
            idempotency: .key, parameters: [.clientID("user_id")], body: .optional(.object([.reason])),
            answers: [
                .json(201, "It is open", OpenedWallet.schema), .json(200, "It was open: the first answer", OpenedWallet.schema),
            ]
        ) { call in
            let user: UserID = try call.parameters.identifier("user_id")
            let once: IdempotentRequest<OpenedWallet>? = try call.once(as: "POST /v1/users/\(user)/wallet") { $0.json }
            return try await service.openWallet(of: user, in: call.tenant, once: once).response {
                .json($0.isDuplicate ? 200 : 201, $0.json)
            }
        }
    }

    private var openProject: Route {
        let input = Schema.object([.required("project_id", .clientID), .required("creator_id", .clientID), .reason]).named("ProjectInput")
        return Route(
            .post, "/v1/projects", id: "openProjectWallet", "Open a project's wallet",
            description: "With a credit, when it is its creator's first.", tag: Self.tag,
            // The body always has a `project_id`, so that the key never counts.
            access: .shop(.billing), idempotency: .id("project_id", orKey: true), body: .json(input),
            answers: [
                .json(201, "It is open", OpenedWallet.schema), .json(200, "It was open: the first answer", OpenedWallet.schema),
            ]
        ) { call in
            let opened = try await service.openProject(
                try call.fields.identifier("project_id"), creator: try call.fields.identifier("creator_id"), in: call.tenant)
            return .json(opened.isDuplicate ? 200 : 201, opened.json)
        }
    }

    private func get(of holder: Holder) -> Route {
        Route(
            .get, holder.path, id: "get\(holder.noun)Wallet", "A wallet", tag: Self.tag,
            access: .shop(.billingRead, endUser: holder.isUser),
            parameters: [.clientID(holder.name)],
            answers: [.json(200, "The wallet", Wallet.schema)], problems: [.notFound]
        ) { call in .json(200, try await service.wallet(of: try holder.owner(call), in: call.tenant).json) }
    }

    private func entries(of holder: Holder) -> Route {
        Route(
            .get, "\(holder.path)/entries", id: "list\(holder.noun)WalletEntries", "What changed a wallet", tag: Self.tag,
            access: .shop(.billingRead, endUser: holder.isUser),
            parameters: [.clientID(holder.name)] + Page.parameters,
            answers: [.json(200, "Entries, newest first", Page.schema(of: WalletEntry.schema))], problems: [.notFound]
        ) { call in
            try await call.answer("wallet_entries", keyedBy: .number, key: \WalletEntry.number, json: \.json) { last, limit in
                try await service.walletEntries(of: try holder.owner(call), in: call.tenant, before: last, limit: limit)
            }
        }
    }

    private func credit(of holder: Holder) -> Route {
        Route(
            .post, "\(holder.path)/credits", id: "credit\(holder.noun)Wallet", "Add to a wallet", tag: Self.tag, access: .shop(.billing),
            idempotency: .id("credit_id", orKey: true), parameters: [.clientID(holder.name)],
            body: .json(CreditInput.schema),
            answers: [
                .json(201, "It is added", CreditAnswer.schema), .json(200, "It was added before: the first answer", CreditAnswer.schema),
            ],
            problems: [.notFound]
        ) { call in
            let key = try call.idempotencyKey.map(CreditID.init(stored:))
            guard let id = try call.fields.identifier(ifAny: "credit_id") ?? key else {
                throw Problem.invalid("credit_id", "is required, where there is no Idempotency-Key")
            }
            let amount = try call.fields.value("amount", Money.init(_:))
            let answer = try await service.creditWallet(
                id, amount, reason: try call.fields.text("reason"), to: try holder.owner(call), in: call.tenant)
            return .json(answer.isDuplicate ? 200 : 201, answer.json)
        }
    }

    private func watch(of holder: Holder) -> Route {
        Route(
            .put, "\(holder.path)/watch", id: "watch\(holder.noun)Wallet",
            "Set when the shop's webhook endpoints are told of a wallet's balance", tag: Self.tag,
            access: .shop(.billing), parameters: [.clientID(holder.name)], body: .json(WalletWatchInput.schema),
            answers: [.json(200, "The wallet", Wallet.schema)], problems: [.notFound]
        ) { call in
            let wallet = try await service.watchWallet(
                of: try holder.owner(call), lowBelow: try call.fields.value(ifAny: "low_below", Money.init(_:)),
                topUp: try WalletWatchInput.topUp(call.fields), in: call.tenant)
            return .json(200, wallet.json)
        }
    }

    private var quota: Route {
        let input = Schema.object([.required("is_pro", .boolean), .required("monthly_quota", .money), .reason]).named("QuotaInput")
        return Route(
            .put, "\(Holder.user.path)/quota", id: "setUserQuota", "Set a pro owner's monthly quota",
            description: "Cost goes to the month's quota (UTC) while it lasts, then to the balance. What was used of the month stays used.",
            tag: Self.tag, access: .shop(.billing), parameters: [.clientID("user_id")], body: .json(input),
            answers: [.json(200, "The wallet", Wallet.schema)], problems: [.notFound]
        ) { call in
            let wallet = try await service.setQuota(
                isPro: try call.fields.bool("is_pro"), monthly: try call.fields.value("monthly_quota", Money.init(_:)),
                of: try call.parameters.identifier("user_id"), in: call.tenant)
            return .json(200, wallet.json)
        }
    }
}
