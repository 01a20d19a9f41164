package import JSON

/// The shapes in which providers say what a call used.
///
/// | shape | known by | cached tokens | reasoning |
/// |---|---|---|---|
/// | OpenAI chat and whoever follows it (DeepSeek, Groq, xAI, Mistral, OpenRouter) | `prompt_tokens` | in `prompt_tokens` | in `completion_tokens`; beside it where `total_tokens` says so (xAI) |
/// | OpenAI responses, realtime, images, transcriptions | `input_tokens` | in `input_tokens` | in `output_tokens` |
/// | Anthropic | `input_tokens`, `cache_…_input_tokens` | beside `input_tokens` | in `output_tokens`, not counted apart |
/// | Gemini | `promptTokenCount` | in `promptTokenCount` | beside `candidatesTokenCount` |
/// | Bedrock Converse | `inputTokens` | beside `inputTokens` | in `outputTokens`, not counted apart |
/// | Cohere | `billed_units` | in `input_tokens` | – |
/// | durations and pages | `seconds`, `pages_processed` | – | – |
/// | embeddings | nothing but `total_tokens` | – | – |
package enum UsageShape: String, CaseIterable, Sendable {
    case openAIChat = "openai_chat"
    case openAIResponses = "openai_responses"
    case anthropic, gemini, bedrock, cohere
    case units
    case total

    /// The shape of an object by its fields; nil when it has none of those.
    package static func of(_ object: JSON.Object) -> UsageShape? {
        let fields = UsageFields(object, at: "usage")
        func hasAny(_ names: String...) -> Bool { names.contains(where: fields.has) }
        if hasAny("promptTokenCount", "candidatesTokenCount", "totalTokenCount", "prompt_token_count", "total_token_count") {
            return .gemini
        }
        if hasAny("inputTokens", "outputTokens") { return .bedrock }
        if hasAny("billed_units") || fields.object["tokens"]?.object != nil { return .cohere }
        if hasAny("prompt_tokens", "completion_tokens") { return .openAIChat }
        if hasAny("input_tokens", "output_tokens") {
            let isAnthropic = hasAny("cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation", "server_tool_use")
            return isAnthropic ? .anthropic : .openAIResponses
        }
        if hasAny("seconds", "pages_processed") { return .units }
        return hasAny("total_tokens") ? .total : nil
    }
}

extension ModelUse {
    /// Reads a provider's usage object as it came. Fields that it does not know do not matter; those that it knows must agree with each other.
    /// - Parameter tier: what the request says; nil: what the object says, else the standard tier.
    package init(usage object: JSON.Object, tier: ServiceTier? = nil) throws(UsageObjectError) {
        let fields = UsageFields(object, at: "usage")
        guard let shape = UsageShape.of(object) else {
            throw UsageObjectError(
                field: "usage",
                expected: "expected the usage object of OpenAI, Anthropic, Gemini, Bedrock, Mistral, Cohere or one of their shapes")
        }
        switch shape {
        case .openAIChat: self = try ModelUse(chat: fields)
        case .openAIResponses: self = try ModelUse(responses: fields)
        case .anthropic: self = try ModelUse(anthropic: fields)
        case .gemini: self = try ModelUse(gemini: fields)
        case .bedrock: self = try ModelUse(bedrock: fields)
        case .cohere: self = try ModelUse(cohere: fields)
        case .units: self = try ModelUse(units: fields)
        case .total: self.init(tokens: [.input: try fields.count("total_tokens")])
        }
        if let tier { self.tier = tier } else { self.tier = try ServiceTier(of: fields) ?? .standard }
    }
}

extension ServiceTier {
    /// As providers call it: `default`, `auto` and `on_demand` are the standard tier. Nil for another text.
    package init?(named text: String) {
        guard let tier = ServiceTier(rawValue: text) ?? Self.otherNames[text] else { return nil }
        self = tier
    }

    private static let otherNames: [String: ServiceTier] = [
        "default": .standard, "auto": .standard, "on_demand": .standard, "scale": .standard, "standard_only": .standard, "batches": .batch,
    ]

    /// What a tier may be called.
    package static let allNames = allCases.map(\.rawValue) + otherNames.keys.sorted()

    fileprivate init?(of fields: UsageFields) throws(UsageObjectError) {
        guard let value = fields.object["service_tier"], value != .null else { return nil }
        guard let tier = value.string.flatMap(ServiceTier.init(named:)) else {
            throw fields.error("service_tier", "expected one of \(ServiceTier.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self = tier
    }
}
