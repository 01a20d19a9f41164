import JSON
import Metering
import Service
import Web

extension Shop {
    static let schema = Schema.answer([
        .required("shop_id", .identifier), .required("name", .string(1...200)), .required("currency", .currency),
        .required("clock", clockSchema), .required("created_at", .time),
        .required("mode", .nullable(modeSchema), "Of which mode of Stripe's events are taken; null: `live`, or of a test shop both."),
        .required("now", .nullable(.time), "The time by a test shop's clock; null where it is the system's."),
        .required("proration_basis", basisSchema), .required("trial_policy", trialSchema),
        .required("opening_credits", .answer([.required("user", .money), .required("project", .money)])),
        .required("recommendations", .boolean),
        .required("allow_free_models", .boolean, "Whether a model's price may be nothing."),
        .required("seller", InvoiceParty.schema, "As invoices name it."), .required("tax_rates", .array(of: CountryTaxRate.schema)),
        .required(
            "cors_origins", .array(of: .string(1...WebOrigin.maximumLength)), "Of pages that may call with tokens of the shop's users."),
        .required("brand_color", .nullable(.text(.color)), "Of the users' page; null: the service's own."),
        .required(
            "rate_limits", .answer(RateClass.allCases.map { .required($0.rawValue, .nullable(RateLimit.schema)) }),
            "How many requests of each class are let in; null is no limit."),
    ]).named("Shop")

    static let modeSchema = Schema.choice(of: Mode.self, named: "ShopMode")
    static let basisSchema = Schema.choice(of: ProrationBasis.self, named: "ProrationBasis")
    static let trialSchema = Schema.choice(of: TrialPolicy.self, named: "TrialPolicy")

    static let clockSchema = Schema.choice(of: Clock.self, named: "ShopClock")

    /// The shop without its secrets.
    func json(limit: (RateClass) -> RateLimit?) -> JSON {
        let limits = RateClass.allCases.map { JSON.Object.Field(name: $0.rawValue, value: limit($0)?.json ?? .null) }
        return [
            "shop_id": id.json, "name": name.json, "currency": currency.json, "clock": .string(clock.rawValue),
            "created_at": createdAt.json, "mode": (mode?.rawValue).json, "now": testTime.json,
            "proration_basis": rules.proration.json,
            "trial_policy": rules.trials.json,
            "opening_credits": ["user": rules.userCredit.walletJSON, "project": rules.projectCredit.walletJSON],
            "recommendations": rules.recommends.json,
            "allow_free_models": rules.allowsFreeModels.json,
            "seller": rules.seller.json, "tax_rates": .array(rules.taxRates.map(\.json)),
            "cors_origins": .array(rules.origins.map { $0.text.json }),
            "brand_color": (rules.color?.text).json,
            "rate_limits": .object(JSON.Object(unique: limits)),
        ]
    }
}

extension ShopMeter.CreatedShop {
    static let schema = Schema.answer([
        .required("shop", Shop.schema),
        .required("api_key", .nullable(.string(1...256)), "A key with every scope; it is shown this once."),
        .required(
            "jwt_secret", .nullable(.string(1...256)), "Signs the tokens of the shop's users, its text as the key; it is shown this once."),
        .optional("duplicate", .boolean, "True when the shop was there already."),
    ]).named("CreatedShop")

    func json(shop: JSON) -> JSON {
        let fields: JSON.Object = ["shop": shop, "api_key": apiKey.json, "jwt_secret": jwtSecret.json]
        return .object(isDuplicate ? fields.followed(by: ["duplicate": true]) : fields)
    }
}
