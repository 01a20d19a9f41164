/// What kind of token a model's maker counts apart, as each may have a price of its own.
package enum TokenClass: String, CaseIterable, Hashable, Sendable {
    /// Text that was neither read from a cache nor written to one.
    case input
    /// Text, without what the model thought.
    case output
    case cacheRead = "cache_read"
    /// Kept for five minutes.
    case cacheWrite = "cache_write"
    /// Kept for an hour.
    case cacheWriteHour = "cache_write_1h"
    /// What the model thought before it answered.
    case reasoning
    case inputAudio = "input_audio"
    case outputAudio = "output_audio"
    case inputImage = "input_image"
    case outputImage = "output_image"
    case inputVideo = "input_video"
    case outputVideo = "output_video"
    case cacheReadAudio = "cache_read_audio"
    case cacheReadImage = "cache_read_image"

    /// What a plan counts the class on alone, if it has such a meter: that of the class's name.
    package var meter: Meter { Meter(stored: rawValue) }

    /// Whether the class is a part of the prompt, by whose size prices have their steps.
    package var isPrompt: Bool {
        switch self {
        case .input, .cacheRead, .cacheWrite, .cacheWriteHour, .inputAudio, .inputImage, .inputVideo, .cacheReadAudio, .cacheReadImage: true
        case .output, .reasoning, .outputAudio, .outputImage, .outputVideo: false
        }
    }
}

/// How soon a model's maker answers, which it sells at different prices.
package enum ServiceTier: String, CaseIterable, Hashable, Sendable { case standard, batch, flex, priority }

/// What a model's maker charges for beside tokens.
package enum PriceUnit: String, CaseIterable, Hashable, Sendable {
    case request = "per_request"
    case image = "per_image"
    case second = "per_second"
    case page = "per_page"
}

/// What one use of a model took.
package struct ModelUse: Equatable, Sendable {
    /// Those above 0.
    package private(set) var tokens: [TokenClass: Quantity]
    /// Thousandths of a unit, those above 0.
    package private(set) var thousandths: [PriceUnit: Quantity]
    package var tier: ServiceTier

    package init(tokens: [TokenClass: Quantity], thousandths: [PriceUnit: Quantity] = [:], tier: ServiceTier = .standard) {
        self.tokens = tokens.filter { $0.value > 0 }
        self.thousandths = thousandths.filter { $0.value > 0 }
        self.tier = tier
    }

    package init(inputTokens: Quantity, outputTokens: Quantity) { self.init(tokens: [.input: inputTokens, .output: outputTokens]) }

    package func tokens(_ kind: TokenClass) -> Quantity { tokens[kind] ?? 0 }

    /// In thousandths. A use that does not say otherwise is one request.
    package func count(of unit: PriceUnit) -> Quantity { thousandths[unit] ?? (unit == .request ? 1_000 : 0) }

    /// The size of the prompt: every token that went in, cached ones among them. Stops at `Quantity.largest`.
    package var prompt: Quantity { sum { $0.isPrompt } }

    /// Every token that went in or came out. Stops at `Quantity.largest`.
    package var total: Quantity { sum { _ in true } }

    /// The use with more tokens of a class. Stops at `Quantity.largest`.
    package func adding(_ count: Quantity, of kind: TokenClass) -> ModelUse {
        var more = self
        if count > 0 { more.tokens[kind] = tokens(kind).bounded(adding: count) }
        return more
    }

    private func sum(where isCounted: (TokenClass) -> Bool) -> Quantity {
        tokens.reduce(0) { isCounted($1.key) ? $0.bounded(adding: $1.value) : $0 }
    }
}
