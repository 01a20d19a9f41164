import HTTP
import JSON
import Metering
import Service
import Web

/// What a shop is set to: each field that is sent is changed, the others stay. What was settled before stays as it is.
enum ShopSettingsInput {
    static let schema = Schema.object([
        .optional("name", .string(1...200)),
        .optional("mode", Shop.modeSchema, "Events of Stripe's other mode are ignored."),
        .optional("proration_basis", Shop.basisSchema, "By what a period costs that is cut short."),
        .optional("trial_policy", Shop.trialSchema, "Who begins with a trial, where the plan has one."),
        .optional(
            "opening_credits", .object([.optional("user", .money), .optional("project", .money)]),
            "The money in a user's new wallet and in that of a user's first project, in the shop's currency."),
        .optional("recommendations", .boolean, "Whether answers advise plans."),
    ]).named("ShopSettings")

    static func change(_ fields: JSON.Object) throws -> ShopChange {
        var change = ShopChange()
        change.name = try fields.text(ifAny: "name")
        change.mode = try fields.value(ifAny: "mode", Shop.Mode.init(rawValue:))
        change.proration = try fields.value(ifAny: "proration_basis", ProrationBasis.init(rawValue:))
        change.trials = try fields.value(ifAny: "trial_policy", TrialPolicy.init(rawValue:))
        let credits = try fields.object(ifAny: "opening_credits")
        change.userCredit = try credits?.value(ifAny: "user", Money.init(_:))
        change.projectCredit = try credits?.value(ifAny: "project", Money.init(_:))
        for (name, amount) in [("user", change.userCredit), ("project", change.projectCredit)] {
            guard let amount, amount >= Wallet.balanceBound else { continue }
            throw Problem.invalid("opening_credits.\(name)", "expected less than \(Wallet.balanceBound.text)")
        }
        change.recommends = try fields.bool(ifAny: "recommendations")
        return change
    }
}

extension ShopRoutes {
    var patchShop: Route {
        Route(
            .patch, "/v1/admin/shops/{shop_id}", "Change what a shop is set to", tag: Self.tag, access: .admin, parameters: [Self.shopID],
            body: .json(ShopSettingsInput.schema), answers: [.json(200, "The shop", Shop.schema)], problems: [.notFound]
        ) { call in
            .json(200, try await service.changeShop(try call.parameters.identifier("shop_id"), ShopSettingsInput.change(call.fields)).json)
        }
    }

    var getOwn: Route {
        Route(
            .get, "/v1/shop", "What the shop is set to", tag: Self.tag, access: .shop(.manage),
            answers: [.json(200, "The shop", Shop.schema)]
        ) { call in .json(200, try await service.shop(of: call.tenant).json) }
    }

    var patchOwn: Route {
        Route(
            .patch, "/v1/shop", "Change what the shop is set to", tag: Self.tag, access: .shop(.manage),
            body: .json(ShopSettingsInput.schema), answers: [.json(200, "The shop", Shop.schema)]
        ) { call in .json(200, try await service.changeShop(of: call.tenant, ShopSettingsInput.change(call.fields)).json) }
    }
}
