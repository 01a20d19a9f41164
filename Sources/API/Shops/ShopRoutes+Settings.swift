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
        .optional("allow_free_models", .boolean, "Whether a model's price may be nothing."),
        .optional("seller", .nullable(InvoiceParty.inputSchema), "Who sells, as invoices name it from now on."),
        .optional(
            "tax_rates", .array(of: CountryTaxRate.inputSchema, count: 0...CountryTaxRate.maximumPerShop),
            "The taxes of invoices from now on, by the customer's country; all of them."),
        .optional(
            "cors_origins", .array(of: .text(.origin), count: 0...WebOrigin.maximum),
            "The origins of web pages that may call the interface with tokens of the shop's users."),
        .optional("brand_color", .nullable(.text(.color)), "Of the users' page; null: the service's own."),
        .optional(
            "rate_limits", .object(RateClass.allCases.map { .optional($0.rawValue, .nullable(RateLimit.inputSchema)) }),
            "By class of requests; null takes away what was set before."),
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
        change.allowsFreeModels = try fields.bool(ifAny: "allow_free_models")
        if let seller = fields["seller"] {
            change.seller = try seller.object.map { try InvoiceParty($0, field: "seller") } ?? InvoiceParty()
        }
        change.taxRates = try fields["tax_rates"]?.array.map { try CountryTaxRate.read($0, field: "tax_rates") }
        change.origins = try fields.array(ifAny: "cors_origins")?.compactMap { $0.string.flatMap(WebOrigin.init(_:)) }
        if fields["brand_color"] != nil { change.color = .some(try fields.value(ifAny: "brand_color", BrandColor.init(_:))) }
        for field in try fields.object(ifAny: "rate_limits")?.fields ?? [] {
            guard let kind = RateClass(rawValue: field.name) else { throw WrongRead(what: "rate_limits by class") }
            change.rateLimits.updateValue(try field.value.object.map { try RateLimit($0) }, forKey: kind)
        }
        return change
    }
}

extension ShopRoutes {
    var getOwn: Route {
        Route(
            .get, "/v1/shop", id: "getOwnShop", "The shop of the key", tag: Self.tag, access: .shop(.manage),
            answers: [.json(200, "The shop", Shop.schema)]
        ) { call in .json(200, json(try await service.shop(of: try call.tenant))) }
    }

    var patchOwn: Route {
        Route(
            .patch, "/v1/shop", id: "updateOwnShop", "Change the settings of the key's shop",
            description:
                "What is left out stays. Limits of requests are at most what the operator lets the shop have, and count within 5 seconds.",
            tag: Self.tag, access: .shop(.manage), body: .json(ShopSettingsInput.schema), answers: [.json(200, "The shop", Shop.schema)]
        ) { call in .json(200, json(try await service.changeShop(of: try call.tenant, ShopSettingsInput.change(call.fields)))) }
    }

    var patchShop: Route {
        Route(
            .patch, "/v1/admin/shops/{shop_id}", id: "updateShop", "Change the settings of a shop",
            description:
                "What is left out stays. Limits of requests are what the shop may have, in the place of the service's; it may set lower ones itself.",
            tag: Self.tag, access: .admin, parameters: [Self.shopID], body: .json(ShopSettingsInput.schema),
            answers: [.json(200, "The shop", Shop.schema)], problems: [.notFound]
        ) { call in
            let id: ShopID = try call.parameters.identifier("shop_id")
            return .json(200, json(try await service.changeShop(id, ShopSettingsInput.change(call.fields), by: .platform)))
        }
    }

    /// The shop with the limits that count for it.
    func json(_ shop: Shop) -> JSON { shop.json { service.rateLimit($0, of: shop) } }
}

extension RateLimit {
    static let schema = Schema.answer([
        .required("per_second", .integer(bounds), "In the long run."), .required("burst", .integer(bounds), "At once."),
    ]).named("RateLimit")

    static let inputSchema = Schema.object([
        .required("per_second", .integer(bounds), "In the long run."),
        .optional("burst", .integer(bounds), "At once; when left out, two seconds' worth."),
    ]).named("RateLimitInput")

    var json: JSON { ["per_second": .integer(perSecond), "burst": .integer(burst)] }
}

extension RateLimit {
    fileprivate init(_ fields: JSON.Object) throws {
        guard let limit = RateLimit(perSecond: try fields.integer("per_second"), burst: try fields.integer(ifAny: "burst")) else {
            throw WrongRead(what: "a limit of requests")
        }
        self = limit
    }
}
