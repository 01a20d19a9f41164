import JSON
import Metering
package import Web

extension TextFormat {
    /// An id that a client chooses.
    package static let identifier = TextFormat(
        expectation: IdentifierText.expectation,
        keywords: ["pattern": "^[A-Za-z0-9._:@-]{1,128}$"],
        accepts: IdentifierText.isValid)

    /// The name of a language model.
    package static let modelName = TextFormat(
        expectation: ModelName.expectation,
        keywords: ["pattern": "^[A-Za-z0-9._:@/-]{1,128}$", "examples": ["gpt-4o", "deepseek/deepseek-chat"]],
        accepts: ModelName.isValid)

    /// An instant (RFC 3339), with any offset from UTC. Handlers get its milliseconds since 1970.
    package static let time = TextFormat(
        expectation: "an RFC 3339 time such as 2026-11-20T23:10:00.000Z",
        keywords: ["format": "date-time", "examples": ["2026-11-20T23:10:00.000Z"]],
        value: { text in Timestamp(rfc3339: text).map { .integer($0.milliseconds) } })

    /// A calendar day.
    package static let date = TextFormat(
        expectation: "a date such as 2026-11-20",
        keywords: ["format": "date", "examples": ["2026-11-20"]],
        accepts: { CivilDay(iso: $0) != nil })

    /// A calendar month.
    package static let month = TextFormat(
        expectation: "a month such as 2026-11",
        keywords: ["pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$", "examples": ["2026-11"]],
        accepts: { $0.utf8.count == 7 && CivilDay(iso: $0 + "-01") != nil })

    /// An amount of money that is not negative.
    package static let money = TextFormat(
        expectation: "an exact decimal in a string, such as \"29.00\", with at most 15 digits before the point and 10 after",
        keywords: ["pattern": "^[0-9]{1,15}(\\.[0-9]{1,10})?$", "examples": ["29.00"]],
        accepts: { !$0.hasPrefix("-") && Money($0) != nil })

    /// A balance, which may be negative.
    package static let balance = TextFormat(
        expectation: "an exact decimal in a string, such as \"-0.0042\"",
        keywords: ["pattern": "^-?[0-9]{1,15}(\\.[0-9]{1,10})?$", "examples": ["-0.0042"]],
        accepts: { Money($0) != nil })

    /// A sum of amounts, which may have more digits than one amount, and may be negative.
    package static let moneySum = TextFormat(
        expectation: "an exact decimal in a string, such as \"29.00\"",
        keywords: ["pattern": "^-?[0-9]{1,24}(\\.[0-9]{1,10})?$", "examples": ["29.00"]],
        accepts: { Money($0, integerDigits: Money.sumIntegerDigits) != nil })

    /// A currency's three letters: the form of ISO 4217, whose list is not checked.
    package static let currency = TextFormat(
        expectation: "a currency's three capital letters, such as EUR",
        keywords: ["pattern": "^[A-Z]{3}$", "examples": ["EUR"]],
        accepts: { Currency($0) != nil })

    /// The signing secret of a webhook endpoint in Stripe.
    package static let stripeSecret = TextFormat(
        expectation: "whsec_ and what follows it, together at most 200 visible ASCII characters",
        keywords: ["pattern": "^whsec_[!-~]{1,194}$"],
        accepts: { $0.hasPrefix("whsec_") && (7...200).contains($0.utf8.count) && $0.utf8.allSatisfy { (0x21...0x7E).contains($0) } })

    /// How long a period is.
    package static let billingCycle = TextFormat(
        expectation: "monthly, yearly or days:N with N from 1 to 366",
        keywords: [
            "pattern": "^(monthly|yearly|days:([1-9]|[1-9][0-9]|[12][0-9]{2}|3[0-5][0-9]|36[0-6]))$", "examples": ["monthly", "days:30"],
        ],
        accepts: { BillingCycle($0) != nil })
}
