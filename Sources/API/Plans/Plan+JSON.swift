import JSON
import Metering
import Web

extension Plan {
    static let schema = Schema.answer([
        .required("plan_name", .identifier), .required("display_name", .string(1...200)), .required("monthly_fee", .money),
        .required("yearly_fee", .nullable(.money), "Null: twelve times the monthly fee."), .required("currency", .currency),
        .required("allowances", .map(values: .nullable(.quantity)), "What a period includes, by meter; null is unlimited."),
        .required("rollover_caps", .map(values: .quantity), "The most that is carried over, by meter."),
        .required("overage_prices", .map(values: .money), "What a unit over the allowance costs, by meter."),
        .required("plain_meters", .array(of: .identifier), "Meters that only count."),
        .required("allowance_interval", intervalSchema, "How long the allowance of a yearly subscription lasts."),
        .required("day_fees", .map(values: .money), "The price of periods of so many days; of others, the monthly fee × days ÷ 30."),
        .required("trial_days", .integer(0...365)), .required("is_active", .boolean),
        .required("stripe_price_ids", .array(of: .string(1...255)), "Prices at Stripe that sell the plan."),
    ]).named("Plan")

    static let intervalSchema = Schema.choice(of: AllowanceInterval.self, named: "AllowanceInterval")

    var json: JSON {
        let meters = meters
        let allowed = meters.filter { allowances[$0] != nil || $0 == .tokens }
        return [
            "plan_name": name.json, "display_name": displayName.json, "monthly_fee": monthlyFee.json(in: currency),
            "yearly_fee": yearlyFee?.json(in: currency) ?? .null,
            "currency": currency.json,
            "allowances": .object(JSON.Object(allowed, key: \.rawValue) { terms(of: $0).limit.json }),
            "rollover_caps": .object(JSON.Object(meters.filter { rolloverCaps[$0] != nil }, key: \.rawValue) { rolloverCaps[$0].json }),
            "overage_prices": .object(
                JSON.Object(meters.filter { overagePrices[$0] != nil }, key: \.rawValue) { overagePrices[$0].json }),
            "plain_meters": .array(meters.filter(plainMeters.contains).map(\.json)),
            "allowance_interval": .string(allowanceInterval.rawValue),
            "day_fees": .object(JSON.Object(dayFees.sorted { $0.key < $1.key }, key: { "\($0.key)" }) { $0.value.json(in: currency) }),
            "trial_days": trialDays.json, "is_active": isActive.json,
            "stripe_price_ids": .array(stripePrices.map(\.json)),
        ]
    }
}

extension JSON.Object {
    /// An object with a field for each item. The items' keys must differ.
    init<Item>(_ items: [Item], key: (Item) -> String, value: (Item) -> JSON) {
        self.init(unique: items.map { Field(name: key($0), value: value($0)) })
    }
}
