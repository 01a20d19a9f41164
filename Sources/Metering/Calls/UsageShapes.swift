internal import JSON

/// One initializer a shape, each with the arithmetic of its provider.
extension ModelUse {
    /// Cached, audio and image tokens are inside of the prompt's; so are those that were written to a cache, where a provider tells them. What a
    /// search read (Perplexity's `citation_tokens`) is beside the prompt.
    init(chat fields: UsageFields) throws(UsageObjectError) {
        if fields.has("prompt_audio_seconds") {
            self = try ModelUse(heard: fields)
            return
        }
        let prompt = try fields.firstCount("prompt_tokens")
        let details = try fields.part(["prompt_tokens_details", "prompt_token_details"])
        let hits = try fields.counts("prompt_cache_hit_tokens", "num_cached_tokens", "cache_read_input_tokens")
        try Self.checkMisses(fields, prompt)
        let cached = (try details.counts("cached_tokens") + hits).largest(else: fields.path)
        let written = (try details.counts("cache_write_tokens") + fields.counts("cache_creation_input_tokens")).largest(else: fields.path)
        var tokens = try Self.prompt(prompt, cached: cached, written: written, details: details)
        tokens[.input] = try fields.firstCount("citation_tokens").count.bounded(adding: tokens[.input] ?? 0)
        tokens.merge(try Self.completion(fields, prompt: prompt)) { $1 }
        self.init(tokens: tokens)
    }

    /// Mistral bills audio by the second: its tokens, cached or not, are in the total alone.
    private init(heard fields: UsageFields) throws(UsageObjectError) {
        self.init(
            tokens: [.input: try fields.firstCount("prompt_tokens").count, .output: try fields.firstCount("completion_tokens").count],
            thousandths: [.second: try fields.thousandths("prompt_audio_seconds")])
    }

    /// DeepSeek's prompt is what was in its cache and what was not.
    private static func checkMisses(_ fields: UsageFields, _ prompt: UsageCount) throws(UsageObjectError) {
        guard fields.has("prompt_cache_miss_tokens") else { return }
        let miss = try fields.firstCount("prompt_cache_miss_tokens")
        let rest = try prompt.rest(without: try fields.firstCount("prompt_cache_hit_tokens"))
        guard miss.count == rest else { throw miss.error("expected \(rest), the prompt_tokens without the prompt_cache_hit_tokens") }
    }

    /// Reasoning is inside of the completion, unless the total says that it is beside it (xAI), or a search thought (Perplexity).
    private static func completion(_ fields: UsageFields, prompt: UsageCount) throws(UsageObjectError) -> [TokenClass: Quantity] {
        let completion = try fields.firstCount("completion_tokens")
        let details = try fields.part("completion_tokens_details")
        let reasoning = (try details.counts("reasoning_tokens") + fields.counts("reasoning_tokens")).largest(else: details.path)
        let citations = try fields.firstCount("citation_tokens").count
        let (total, sum) = (try fields.firstCount("total_tokens"), prompt.count + completion.count)
        var isBeside = fields.has("citation_tokens")
        if fields.has("total_tokens"), total.count != sum {
            guard [sum + reasoning.count, sum + reasoning.count + citations].contains(total.count) else {
                throw total.error("expected \(sum), the sum of prompt_tokens and completion_tokens")
            }
            isBeside = true
        }
        let (audio, image) = (try details.firstCount("audio_tokens"), try details.firstCount("image_tokens"))
        let inside = isBeside ? UsageCount(0, at: reasoning.field) : reasoning
        return [
            .output: try completion.rest(without: inside, audio, image), .reasoning: reasoning.count, .outputAudio: audio.count,
            .outputImage: image.count,
        ]
    }

    init(responses fields: UsageFields) throws(UsageObjectError) {
        let (input, output) = (try fields.firstCount("input_tokens"), try fields.firstCount("output_tokens"))
        let total = try fields.firstCount("total_tokens")
        if fields.has("total_tokens"), total.count != input.count + output.count {
            throw total.error("expected \(input.count + output.count), the sum of input_tokens and output_tokens")
        }
        let details = try fields.part(["input_tokens_details", "input_token_details"])
        var tokens = try Self.prompt(
            input, cached: try details.firstCount("cached_tokens"), written: try details.firstCount("cache_write_tokens"), details: details)
        let made = try fields.part(["output_tokens_details", "output_token_details"])
        let reasoning = try made.firstCount("reasoning_tokens")
        let (audio, image) = (try made.firstCount("audio_tokens"), try made.firstCount("image_tokens"))
        tokens[.output] = try output.rest(without: reasoning, audio, image)
        (tokens[.reasoning], tokens[.outputAudio], tokens[.outputImage]) = (reasoning.count, audio.count, image.count)
        self.init(tokens: tokens)
    }

    /// The classes of a prompt whose parts are inside of the whole.
    private static func prompt(
        _ whole: UsageCount, cached: UsageCount, written: UsageCount, details: UsageFields
    ) throws(UsageObjectError) -> [TokenClass: Quantity] {
        let (audio, image) = (try details.firstCount("audio_tokens"), try details.firstCount("image_tokens"))
        let parts = try details.part("cached_tokens_details")
        let (cachedAudio, cachedImage) = (try parts.firstCount("audio_tokens"), try parts.firstCount("image_tokens"))
        return [
            .input: try whole.rest(without: cached, written, audio.beyond(cachedAudio), image.beyond(cachedImage)),
            .cacheRead: try cached.rest(without: cachedAudio, cachedImage), .cacheWrite: written.count,
            .inputAudio: try audio.rest(without: cachedAudio), .inputImage: try image.rest(without: cachedImage),
            .cacheReadAudio: cachedAudio.count, .cacheReadImage: cachedImage.count,
        ]
    }

    /// What was read from a cache and written to one is beside the input.
    init(anthropic fields: UsageFields) throws(UsageObjectError) {
        let creation = try fields.part("cache_creation")
        let minutes = try creation.firstCount("ephemeral_5m_input_tokens").count
        let hour = try creation.firstCount("ephemeral_1h_input_tokens").count
        let isSplit = creation.has("ephemeral_5m_input_tokens") || creation.has("ephemeral_1h_input_tokens")
        let written = try fields.firstCount("cache_creation_input_tokens")
        if isSplit, fields.has("cache_creation_input_tokens"), written.count != minutes + hour {
            throw written.error("expected \(minutes + hour), the sum of cache_creation")
        }
        self.init(tokens: [
            .input: try fields.firstCount("input_tokens").count, .output: try fields.firstCount("output_tokens").count,
            .cacheRead: try fields.firstCount("cache_read_input_tokens").count, .cacheWrite: isSplit ? minutes : written.count,
            .cacheWriteHour: hour,
        ])
    }

    /// Cached content is in the prompt; thoughts and the prompts of tools are beside the candidates and the prompt.
    init(gemini fields: UsageFields) throws(UsageObjectError) {
        let prompt = try fields.firstCount("promptTokenCount", "prompt_token_count")
        let tools = try fields.firstCount("toolUsePromptTokenCount", "tool_use_prompt_token_count").count
        let candidates = try fields.firstCount(
            "candidatesTokenCount", "candidates_token_count", "responseTokenCount", "response_token_count")
        let thoughts = try fields.firstCount("thoughtsTokenCount", "thoughts_token_count").count
        let cached = try fields.firstCount("cachedContentTokenCount", "cached_content_token_count")
        let total = try fields.firstCount("totalTokenCount", "total_token_count")
        let sum = prompt.count + tools + candidates.count + thoughts
        if total.count > 0, total.count != sum { throw total.error("expected \(sum), the sum of the other counts") }
        let given = try Modalities(fields, "promptTokensDetails", "prompt_tokens_details")
        let kept = try Modalities(fields, "cacheTokensDetails", "cache_tokens_details")
        let made = try Modalities(
            fields, "candidatesTokensDetails", "candidates_tokens_details", "responseTokensDetails", "response_tokens_details")
        let (audio, image, video) = (
            given["AUDIO"].beyond(kept["AUDIO"]), given["IMAGE"].beyond(kept["IMAGE"]), given["VIDEO"].beyond(kept["VIDEO"])
        )
        self.init(tokens: [
            .input: try prompt.rest(without: cached, audio, image, video) + tools, .inputAudio: audio.count, .inputImage: image.count,
            .inputVideo: video.count, .cacheRead: try cached.rest(without: kept["AUDIO"], kept["IMAGE"]),
            .cacheReadAudio: kept["AUDIO"].count, .cacheReadImage: kept["IMAGE"].count,
            .output: try candidates.rest(without: made["AUDIO"], made["IMAGE"], made["VIDEO"]), .outputAudio: made["AUDIO"].count,
            .outputImage: made["IMAGE"].count, .outputVideo: made["VIDEO"].count, .reasoning: thoughts,
        ])
    }

    /// As Anthropic's, in other words. The total may count cached tokens or not.
    init(bedrock fields: UsageFields) throws(UsageObjectError) {
        let (input, output) = (try fields.firstCount("inputTokens").count, try fields.firstCount("outputTokens").count)
        let read = try fields.firstCount("cacheReadInputTokens", "cacheReadInputTokenCount").count
        let written = try fields.firstCount("cacheWriteInputTokens", "cacheWriteInputTokenCount")
        let total = try fields.firstCount("totalTokens")
        guard !fields.has("totalTokens") || [input + output, input + output + read + written.count].contains(total.count) else {
            throw total.error("expected \(input + output), the sum of inputTokens and outputTokens, or with the cached tokens")
        }
        var hour = UsageCount(0, at: "\(fields.path).cacheDetails")
        for part in try fields.parts("cacheDetails") where part.object["ttl"]?.string == "1h" {
            hour.count = try part.firstCount("inputTokens").count.bounded(adding: hour.count)
        }
        self.init(tokens: [
            .input: input, .output: output, .cacheRead: read, .cacheWrite: try written.rest(without: hour), .cacheWriteHour: hour.count,
        ])
    }

    /// What is billed; where that is missing, what was counted. A search is a request.
    init(cohere fields: UsageFields) throws(UsageObjectError) {
        let counted = try fields.part(fields.has("billed_units") ? "billed_units" : "tokens")
        let input = try counted.firstCount("input_tokens")
        self.init(
            tokens: [
                .input: try input.rest(without: try fields.firstCount("cached_tokens")),
                .cacheRead: try fields.firstCount("cached_tokens").count, .output: try counted.firstCount("output_tokens").count,
            ],
            thousandths: [.request: try counted.thousandths("search_units"), .image: try counted.thousandths("images")])
    }

    init(units fields: UsageFields) throws(UsageObjectError) {
        self.init(
            tokens: [:], thousandths: [.second: try fields.thousandths("seconds"), .page: try fields.thousandths("pages_processed")])
    }
}

/// Gemini's counts by modality, each at its place in the request.
private struct Modalities {
    private var counts: [String: UsageCount] = [:]
    private let field: String

    init(_ fields: UsageFields, _ names: String...) throws(UsageObjectError) {
        field = "\(fields.path).\(names.first(where: fields.has) ?? names[0])"
        for name in names {
            for part in try fields.parts(name) {
                guard let modality = part.object["modality"]?.string else { throw part.error("modality", "expected a modality") }
                let count = try part.firstCount("tokenCount", "token_count").count
                counts[modality] = UsageCount(count.bounded(adding: counts[modality]?.count ?? 0), at: field)
            }
        }
    }

    subscript(_ modality: String) -> UsageCount { counts[modality] ?? UsageCount(0, at: field) }
}
