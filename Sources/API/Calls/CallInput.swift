import JSON
import Metering
import Service
import Web

/// A call of a model as a client reports it.
enum CallInput {
    private static let who: [Schema.Field] = [
        .required("user_id", .clientID), .optional("project_id", .clientID, "Pays first, whole or not at all."),
        .required("model", .modelName),
        .optional("provider", .string(1...64), "Whoever sold it, where that has prices of its own: `azure` finds `azure/gpt-4o` first."),
        .optional(
            "service_tier", .enumeration(ServiceTier.allNames).named("ServiceTierName"),
            "As the provider calls it; else what `usage` says, else `standard`."),
        .optional("meter", .identifier, "What all of its tokens are counted on.", default: "tokens"),
    ]
    private static let object = Schema.Field.required(
        "usage", .anyObject,
        "The provider's usage object as it came: of OpenAI, Anthropic, Gemini, Bedrock, Mistral, Cohere, or one of their shapes.")
    private static let tags = Schema.Field.optional(
        "dimensions", .map(values: .string(1...256), maximumCount: CallContent.maximumDimensions),
        "What breakdowns group by. `model` is the model's name, where it is not given.")
    private static let id = Schema.Field.optional(
        "call_id", .clientID, "The call counts once for it; else for the `Idempotency-Key`; else it is made.")

    static let schema = Schema.object(
        [id] + who + [
            object, .optional("enforce", .boolean, "Refuse with 402, and change nothing, when too few tokens are left.", default: false),
            .optional("hold", .clientID, "The hold that it ends."), tags,
        ]
    ).named("CallInput").sampled([
        "call_id": "call-1", "user_id": "ada", "model": "gpt-4o",
        "usage": ["prompt_tokens": 90, "completion_tokens": 30, "total_tokens": 120],
    ])

    private static let forecast: [Schema.Field] =
        who + [
            .optional("usage", .nullable(.anyObject), "What is known of it, as the provider counts it."),
            .optional("input_tokens", .quantity, "Of the prompt, where there is no `usage`."),
        ]
    static let estimateSchema = Schema.object(forecast + [.optional("max_tokens", .quantity, "The most that it answers.")]).named(
        "CallForecast")
    static let holdSchema = Schema.object(
        [id] + forecast + [
            .required("max_tokens", .quantity, "The most that it answers."),
            .optional(
                "ttl_seconds", .integer(1...ReservationRequest.longestSeconds), "After that the hold expires.",
                default: .integer(ReservationRequest.defaultSeconds)),
        ]
    ).named("CallHoldInput")

    /// The call, and its usage object as JSON.
    static func call(_ fields: JSON.Object) throws -> (content: CallContent, object: String) {
        guard let object = fields["usage"]?.object else { throw Problem.invalid("usage", "expected an object") }
        let text = JSON.object(object).encoded
        guard text.count <= RecordedCall.maximumUsageBytes else {
            throw Problem.invalid("usage", "expected at most \(RecordedCall.maximumUsageBytes) bytes")
        }
        return (try content(fields, use(object, fields)), String(decoding: text, as: UTF8.self))
    }

    /// A call that was not made yet.
    static func forecast(_ fields: JSON.Object) throws -> CallContent {
        let most = try fields.integer(ifAny: "max_tokens") ?? 0
        let prompt = try fields.integer(ifAny: "input_tokens")
        if let given = fields["usage"], given != .null {
            guard let object = given.object else { throw Problem.invalid("usage", "expected an object") }
            guard prompt == nil else { throw Problem.invalid("input_tokens", "expected none beside usage") }
            return try content(fields, use(object, fields).adding(most, of: .output))
        }
        return try content(fields, ModelUse(tokens: [.input: prompt ?? 0, .output: most], tier: tier(fields) ?? .standard))
    }

    private static func use(_ object: JSON.Object, _ fields: JSON.Object) throws -> ModelUse {
        do {
            return try ModelUse(usage: object, tier: tier(fields))
        } catch let error as UsageObjectError {
            throw Problem.invalid(error.field, error.expected)
        }
    }

    private static func tier(_ fields: JSON.Object) throws -> ServiceTier? {
        guard let text = try fields.text(ifAny: "service_tier") else { return nil }
        guard let tier = ServiceTier(named: text) else {
            throw Problem.invalid("service_tier", "expected one of \(ServiceTier.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return tier
    }

    private static func content(_ fields: JSON.Object, _ use: ModelUse) throws -> CallContent {
        CallContent(
            charge: ChargeContent(
                user: try fields.identifier("user_id"), project: try fields.identifier(ifAny: "project_id"),
                model: try fields.identifier("model"), use: use),
            provider: try fields.text(ifAny: "provider"), meter: try fields.identifier(ifAny: "meter") ?? .tokens,
            hold: try fields.identifier(ifAny: "hold"), dimensions: try UsageInput.dimensions(fields))
    }
}
