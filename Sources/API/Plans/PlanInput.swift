import JSON
import Metering
import Web

/// A plan as a client sends it. Every field has a default but the allowance of tokens.
enum PlanInput {
    static let schema = Schema.object([
        .optional("display_name", .string(1...200), "The name, when left out."),
        .optional("monthly_fee", .money, default: "0"),
        .optional("yearly_fee", .nullable(.money), "Null: twelve times the monthly fee.", default: .null),
        .optional("currency", .currency, "The shop's, when left out."),
        .required(
            "allowances",
            .map(values: .nullable(.quantity), keys: .identifier, required: ["tokens"], maximumCount: Plan.maximumMetersOfAKind),
            "What a period includes, by meter; null is unlimited. `tokens` must be there."),
        .optional(
            "rollover_caps", .map(values: .quantity, maximumCount: Plan.maximumMetersOfAKind),
            "The most of an allowance that is carried over at a period's end, by meter; without one, nothing is.", default: [:]),
        .optional(
            "overage_prices", .map(values: .money, maximumCount: Plan.maximumMetersOfAKind),
            "What a unit over the allowance costs, by meter: billed at the period's end, where it would else stay as debt.", default: [:]),
        .optional(
            "plain_meters", .array(of: .identifier, count: 0...Plan.maximumMetersOfAKind),
            "Meters that only count, past their allowance too, and are never in debt.",
            default: []),
        .optional(
            "allowance_interval", Plan.intervalSchema, "With `monthly`, a yearly subscription gives the allowance each month.",
            default: "billing_period"),
        .optional(
            "day_fees", .map(values: .money, maximumCount: Plan.maximumDayFees),
            "The price of a period of so many days (`{\"7\": \"5.00\"}`), for the cycle `days:N`; without one, it is the monthly fee × N ÷ 30.",
            default: [:]),
        .optional("trial_days", .integer(0...365), default: 0), .optional("is_active", .boolean, default: true),
        .optional(
            "stripe_price_ids", .array(of: .string(1...255), count: 0...Plan.maximumStripePrices),
            "The ids or lookup keys of prices at Stripe that sell the plan.", default: []), .reason,
    ]).named("PlanInput").sampled([
        "display_name": "Pro", "monthly_fee": "29.00", "allowances": ["tokens": 1_000], "rollover_caps": ["tokens": 500],
        "overage_prices": ["tokens": "0.002"],
    ])

    /// Reads a checked body. Throws `invalid_request` when its fields contradict each other.
    static func plan(_ name: PlanName, _ fields: JSON.Object, shopCurrency: Currency) throws -> Plan {
        var plan = Plan(
            name: name, displayName: try fields.text(ifAny: "display_name") ?? name.rawValue,
            monthlyFee: try fields.value(ifAny: "monthly_fee", Money.init(_:)) ?? .zero,
            yearlyFee: try fields.value(ifAny: "yearly_fee", Money.init(_:)),
            dayFees: try fields.dayFees(), currency: try fields.value(ifAny: "currency", Currency.init(_:)) ?? shopCurrency,
            allowances: try fields.quantities("allowances").mapValues { Limit($0) },
            rolloverCaps: try fields.quantities("rollover_caps").compactMapValues { $0 },
            plainMeters: Set(try (fields.array(ifAny: "plain_meters") ?? []).compactMap { $0.string.flatMap(Meter.init(rawValue:)) }),
            overagePrices: try fields.prices("overage_prices"),
            allowanceInterval: try fields.value(ifAny: "allowance_interval", AllowanceInterval.init(rawValue:)) ?? .billingPeriod,
            trialDays: Int(try fields.integer(ifAny: "trial_days") ?? 0),
            isActive: try fields.bool(ifAny: "is_active") ?? true)
        plan.stripePrices = try (fields.array(ifAny: "stripe_price_ids") ?? []).compactMap(\.string)
        let errors = errors(of: plan)
        guard errors.isEmpty else { throw Problem.invalid(errors) }
        return plan
    }

    private static func errors(of plan: Plan) -> [FieldError] {
        var errors: [FieldError] = []
        for meter in plan.meters where plan.plainMeters.contains(meter) {
            if plan.rolloverCaps[meter] != nil {
                errors.append(FieldError(field: "rollover_caps.\(meter)", message: "a plain meter carries nothing over"))
            }
            if plan.overagePrices[meter] != nil {
                errors.append(FieldError(field: "overage_prices.\(meter)", message: "a plain meter has no debt"))
            }
        }
        for meter in plan.meters where plan.rolloverCaps[meter] != nil && plan.allowances[meter] == nil {
            errors.append(FieldError(field: "rollover_caps.\(meter)", message: "the meter has no allowance to carry over"))
        }
        for meter in plan.meters {
            guard let limit = plan.allowances[meter]?.quantity, let cap = plan.rolloverCaps[meter], cap > Quantity.largest - limit else {
                continue
            }
            errors.append(
                FieldError(field: "rollover_caps.\(meter)", message: "expected at most \(Quantity.largest - limit): with the allowance"))
        }
        for (meter, price) in plan.overagePrices.sorted(by: { $0.key < $1.key }) {
            let field = "overage_prices.\(meter)"
            if plan.allowances[meter] == nil { errors.append(FieldError(field: field, message: "the meter has no allowance to go over")) }
            if price >= Plan.overagePriceBound { errors.append(FieldError(field: field, message: "expected less than 1000000")) }
        }
        return errors
    }
}

extension JSON.Object {
    /// Reads the fees of periods of days. Throws `invalid_request` for a number of days that a period cannot have.
    fileprivate func dayFees() throws -> [Int: Money] {
        var fees: [Int: Money] = [:]
        for field in try object(ifAny: "day_fees")?.fields ?? [] {
            guard case .days(let days)? = BillingCycle("days:\(field.name)") else {
                throw Problem.invalid("day_fees.\(field.name)", "expected a number of days from 1 to \(BillingCycle.maximumDays)")
            }
            fees[days] = field.value.string.flatMap(Money.init(_:))
        }
        return fees
    }

    /// Reads a field that maps meters to money; an empty map when it is left out.
    fileprivate func prices(_ name: String) throws -> [Meter: Money] {
        var prices: [Meter: Money] = [:]
        for field in try object(ifAny: name)?.fields ?? [] {
            guard let meter = Meter(rawValue: field.name), let price = field.value.string.flatMap(Money.init(_:)) else {
                throw WrongRead(what: "\(name) by meters")
            }
            prices[meter] = price
        }
        return prices
    }

    /// Reads a field that maps meters to quantities, nil for null; an empty map when it is left out.
    fileprivate func quantities(_ name: String) throws -> [Meter: Quantity?] {
        var quantities: [Meter: Quantity?] = [:]
        for field in try object(ifAny: name)?.fields ?? [] {
            guard let meter = Meter(rawValue: field.name) else { throw WrongRead(what: "\(name) by meters") }
            quantities.updateValue(field.value.integer, forKey: meter)
        }
        return quantities
    }
}
