import JSON
import Metering
package import Web

extension TextFormat {
    /// The name of a thing that a shop makes here, or an id of ours.
    package static let identifier = TextFormat(.name)

    /// An id that a client brings from its own system.
    package static let clientID = TextFormat(.clientID, ["examples": ["auth0|5f7c8ec7c33c6c004bbafe82", "ann+x@example.com"]])

    /// The name of a language model.
    package static let modelName = TextFormat(.modelName, ["examples": ["gpt-4o", "deepseek/deepseek-chat"]])

    init(_ form: IdentifierForm, _ more: JSON.Object = [:]) {
        self.init(
            expectation: form.expectation, keywords: JSON.Object(["pattern": form.pattern.json]).followed(by: more), accepts: form.accepts)
    }

    /// An instant (RFC 3339), with any offset from UTC. Handlers get its milliseconds since 1970.
    package static let time = TextFormat(
        expectation: "an RFC 3339 time such as 2026-11-20T23:10:00.000Z",
        keywords: [
            "format": "date-time", "pattern": "^(19[7-9][0-9]|[2-9][0-9]{3})-", "examples": ["2026-11-20T23:10:00.000Z"],
        ],
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

    /// An amount of money above zero.
    package static let positiveMoney = TextFormat(
        expectation: "an exact decimal above zero in a string, such as \"29.00\"",
        keywords: ["pattern": "^(?=.*[1-9])[0-9]{1,15}(\\.[0-9]{1,10})?$", "examples": ["29.00"]],
        accepts: { text in !text.hasPrefix("-") && Money(text).map { $0 > .zero } == true })

    /// A percentage.
    package static let percent = TextFormat(
        expectation: "a decimal from 0 to 100 with at most 4 digits after the point",
        keywords: ["pattern": "^(100(\\.0{1,4})?|[0-9]{1,2}(\\.[0-9]{1,4})?)$", "examples": ["20.00"]],
        accepts: { text in !text.hasPrefix("-") && Money(text) != nil })

    /// The beginning of a pattern: a scheme, a name of several parts, and perhaps a port.
    private static let origins =
        "^https?://([A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?\\.){1,4}[A-Za-z]{2,20}(:[1-9][0-9]{0,3})?"

    /// Where messages of a webhook endpoint go.
    package static let webhookURL = TextFormat(
        expectation: "an https:// URL without a user, a password or a fragment",
        keywords: [
            "pattern": .string(origins + "(/[A-Za-z0-9/._-]*)?$"),
            "maxLength": .integer(Int64(WebhookURL.maximumLength)),
            "examples": ["https://shop.example/webhooks"],
        ], accepts: { (1...WebhookURL.maximumLength).contains($0.utf8.count) })

    /// An amount of money that may be negative.
    package static let balance = TextFormat(
        expectation: "an exact decimal in a string, such as \"-0.0042\"",
        keywords: ["pattern": "^-?[0-9]{1,15}(\\.[0-9]{1,10})?$", "examples": ["-0.0042"]],
        accepts: { Money($0) != nil })

    /// A sum of amounts, which may have more digits than one amount, and may be negative.
    package static let moneySum = TextFormat(
        expectation: "an exact decimal in a string, such as \"29.00\"",
        keywords: ["pattern": "^-?[0-9]{1,24}(\\.[0-9]{1,10})?$", "examples": ["29.00"]],
        accepts: { Money($0, integerDigits: Money.sumIntegerDigits) != nil })

    /// An e-mail address: whether it exists is not checked.
    package static let email = TextFormat(
        expectation: "an e-mail address of 3 to 320 characters",
        keywords: ["format": "email", "maxLength": 320],
        accepts: { text in
            let parts = text.split(separator: "@", omittingEmptySubsequences: false)
            return parts.count >= 2 && text.unicodeScalars.count <= 320 && parts.first?.isEmpty == false && parts.last?.isEmpty == false
                && !text.unicodeScalars.contains { $0.properties.isWhitespace || $0.value < 0x20 }
        })

    /// A country's two letters: the form of ISO 3166, whose list is not checked.
    package static let country = TextFormat(
        expectation: "a country's two capital letters, such as FR", keywords: ["pattern": "^[A-Z]{2}$", "examples": ["FR"]],
        accepts: { $0.utf8.count == 2 && $0.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) } })

    /// The origin of a web page.
    package static let origin = TextFormat(
        expectation: "an origin such as https://shop.example, without a path",
        keywords: [
            "pattern": .string(origins + "$"),
            "maxLength": .integer(Int64(WebOrigin.maximumLength)), "examples": ["https://shop.example"],
        ],
        accepts: { WebOrigin($0) != nil })

    /// A network of IPv4 or IPv6.
    package static let addressRange = TextFormat(
        expectation: "a network such as 192.0.2.0/24 or 2001:db8::/48, of /64 at most, with no bits after its length",
        keywords: ["maxLength": 64, "examples": ["192.0.2.0/24"]], accepts: { AddressRange($0) != nil })

    /// A colour.
    package static let color = TextFormat(
        expectation: "a colour such as #1f5fbf", keywords: ["pattern": "^#[0-9a-fA-F]{6}$", "examples": ["#1f5fbf"]],
        accepts: { BrandColor($0) != nil })

    /// A currency that there is, by its code of ISO 4217.
    package static let currency = TextFormat(
        expectation: "the code of a currency by ISO 4217, such as EUR",
        keywords: ["enum": JSON(Currency.allCodes), "examples": ["EUR"]],
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
