import JSON
import Metering
import Service
import Web

/// Who a user is, as a shop sends it.
enum UserProfileInput {
    static let schema = Schema.object([
        .optional("name", .nullable(.string(1...200))), .optional("email", .nullable(.text(.email))),
        .optional("address", PostalAddress.schema), .optional("tax_id", .nullable(.string(1...64))),
        .optional(
            "tax_rates", .nullable(.array(of: TaxRate.inputSchema, count: 0...TaxTerms.maximumRates)),
            "The taxes of the user's invoices, in the place of those of the address's country; none of an empty list."),
        .optional("tax_exemption", .nullable(.string(1...500)), "Why the user's invoices have no tax, as they say it: then none counts."),
        .optional("language", .nullable(language), "In which invoices are written."),
        .optional(
            "metadata", .map(values: .string(0...500), maximumCount: UserProfile.maximumMetadata), "The shop's own notes, by name."),
    ]).named("UserProfileInput").sampled(["name": "Ada Lovelace", "email": "ada@example.com", "language": "fr"])

    static let language = Schema.choice(of: UserProfile.Language.self, named: "Language")

    static func profile(_ fields: JSON.Object) throws -> UserProfile {
        UserProfile(
            name: try fields.text(ifAny: "name"), email: try fields.text(ifAny: "email"),
            address: try fields["address"].flatMap { try PostalAddress.read($0, field: "address") },
            taxID: try fields.text(ifAny: "tax_id"),
            language: try fields.value(ifAny: "language", UserProfile.Language.init(rawValue:)),
            metadata: texts(try fields.object(ifAny: "metadata") ?? [:]),
            taxRates: try fields["tax_rates"].flatMap { try $0.array.map { try TaxRate.read($0, field: "tax_rates") } },
            taxExemption: try fields.text(ifAny: "tax_exemption"))
    }

    private static func texts(_ object: JSON.Object) -> [String: String] {
        Dictionary(object.fields.compactMap { field in field.value.string.map { (field.name, $0) } }) { first, _ in first }
    }
}

extension UserProfile {
    static let fields: [Schema.Field] = [
        .required("name", .nullable(.string(1...200))), .required("email", .nullable(.string(1...320))),
        .required("address", .any, "As it was sent: a text, or an object; null when there is none."),
        .required("tax_id", .nullable(.string(1...64))), .required("language", .nullable(UserProfileInput.language)),
        .required("metadata", .map(values: .string(0...500))),
        .required("tax_rates", .nullable(.array(of: TaxRate.schema)), "Null where those of the country count."),
        .required("tax_exemption", .nullable(.string(1...500))),
    ]

    var object: JSON.Object {
        JSON.Object([
            "name": name.json, "email": email.json, "address": address?.json ?? .null, "tax_id": taxID.json,
            "language": (language?.rawValue).json,
            "metadata": .object(JSON.Object(metadata.sorted { $0.key < $1.key }, key: \.key) { $0.value.json }),
            "tax_rates": taxRates.map { .array($0.map(\.json)) } ?? .null, "tax_exemption": taxExemption.json,
        ])
    }
}

extension StoredProfile {
    static let schema = Schema.answer(
        [.required("user_id", .clientID)] + UserProfile.fields + [.required("created_at", .time), .required("updated_at", .time)]
    ).named("UserProfile")

    var object: JSON.Object {
        JSON.Object(["user_id": user.json]).followed(by: profile.object).followed(
            by: JSON.Object(["created_at": createdAt.json, "updated_at": updatedAt.json]))
    }
}

extension ErasedUser {
    static let schema = Schema.answer([
        .required("erased_as", .clientID, "What stands in the place of the id from now on."), .required("erased_at", .time),
        .required("erased_by", .string(1...200)), .required("events", .quantity, "How many events are kept under it."),
    ]).named("ErasedUser")

    var json: JSON {
        ["erased_as": token.json, "erased_at": at.json, "erased_by": by.text.json, "events": events.json]
    }
}

extension ListedUser {
    static let schema = Schema.answer([
        .required("user_id", .clientID), .required("name", .nullable(.string(1...200))), .required("email", .nullable(.string(1...320))),
        .required("plan_name", .identifier, "Whose limits count."),
        .required(
            "status", .nullable(.choice(of: SubscriptionStatus.self, named: "SubscriptionStatus")),
            "Of the subscription; null where there never was one."),
        .required("over", .boolean, "Whether an allowance is used up or in debt."),
        .required("balances", .map(values: MeterBalance.schema)), .required("current_period_end", .time),
    ]).named("ListedUser")

    var json: JSON {
        [
            "user_id": account.user.json, "name": (profile?.name).json, "email": (profile?.email).json, "plan_name": account.plan.json,
            "status": (subscription?.status.rawValue).json, "over": account.isOver.json,
            "balances": .object(JSON.Object(account.meters, key: \.meter.rawValue, value: \.json)),
            "current_period_end": account.period.end.json,
        ]
    }
}
