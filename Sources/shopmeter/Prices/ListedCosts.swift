internal import JSON
internal import Metering

/// The members of a model in LiteLLM's format, as rates. A member's name is a class of tokens (`classes`), then perhaps the size of prompt above which
/// it counts (`_above_200k_tokens`), then perhaps a service tier (`_batches`, `_flex`, `_priority`).
struct ListedCosts {
    private(set) var rates = ModelRates(tokens: [:], fallbacks: ModelRates.usualFallbacks)
    /// A price that was rounded to 10 digits: its member, as the file has it and as it is stored.
    private(set) var rounded: [(member: String, written: String, stored: Money)] = []
    /// Members with a cost that no rate can say.
    private(set) var others: [String] = []
    /// The first cost above 0 that is among `others`.
    private(set) var otherPrice: String?

    private static let classes: [(member: String, kind: TokenClass)] = [
        ("input_cost_per_token", .input), ("output_cost_per_token", .output), ("input_cost_per_token_cache_hit", .cacheRead),
        ("cache_read_input_token_cost", .cacheRead), ("cache_creation_input_token_cost", .cacheWrite),
        ("cache_creation_input_token_cost_above_1hr", .cacheWriteHour), ("output_cost_per_reasoning_token", .reasoning),
        ("input_cost_per_audio_token", .inputAudio), ("output_cost_per_audio_token", .outputAudio),
        ("input_cost_per_image_token", .inputImage), ("output_cost_per_image_token", .outputImage),
        ("input_cost_per_video_token", .inputVideo), ("output_cost_per_video_token", .outputVideo),
        ("cache_read_input_audio_token_cost", .cacheReadAudio), ("cache_read_input_image_token_cost", .cacheReadImage),
    ]
    /// Later ones win.
    private static let units: [(member: String, unit: PriceUnit)] = [
        ("input_cost_per_query", .request), ("input_cost_per_request", .request), ("input_cost_per_image", .image),
        ("output_cost_per_image", .image), ("output_cost_per_second", .second), ("input_cost_per_second", .second),
        ("ocr_cost_per_page", .page),
    ]
    private static let tiers: [(suffix: String, tier: ServiceTier)] = [("_batches", .batch), ("_flex", .flex), ("_priority", .priority)]

    private struct Step {
        let member: String
        let key: ModelRates.Key
        let above: Quantity
        let price: Money
    }

    /// - Parameter rate: how many units of the shop's currency one of the file's is.
    init(_ fields: JSON.Object, rate: Money) throws(BadRow) {
        var steps: [Step] = []
        for field in fields.fields where field.value != .null {
            if field.name == "tiered_pricing", let parts = Self.ranges(in: field.value) {
                for part in parts { try take(part.fields, above: part.from, rate, &steps) }
            } else if Self.isCost(field.name) {
                try take([field], above: 0, rate, &steps)
            }
        }
        addSteps(steps)
        let all = rates
        rates.fallbacks = all.fallbacks.filter { kind, _ in ServiceTier.allCases.contains { all.rate(of: kind, in: $0) != nil } }
    }

    var hasTokenPrice: Bool { rates.tokens.values.contains { $0.perMillion > .zero || !$0.above.isEmpty } }
    var hasUnitPrice: Bool { rates.units.values.contains { $0 > .zero } }

    func has(_ kind: TokenClass) -> Bool { rates.tokens.keys.contains { $0.kind == kind } }

    private static func isCost(_ member: String) -> Bool { member.contains("cost") || member == "tiered_pricing" }

    private mutating func take(_ fields: [JSON.Object.Field], above from: Quantity, _ rate: Money, _ steps: inout [Step]) throws(BadRow) {
        for field in fields {
            if let unit = Self.units.first(where: { $0.member == field.name }) {
                rates.units[unit.unit] = try price(field, timesTenTo: 0, rate)
            } else if let (key, above) = Self.key(of: field.name) {
                let price = try price(field, timesTenTo: 6, rate)
                let from = max(from, above)
                if from > 0 {
                    steps.append(Step(member: field.name, key: key, above: from, price: price))
                } else {
                    rates.tokens[key] = TokenRate(perMillion: price)
                }
            } else {
                leaveOut(field)
            }
        }
    }

    private mutating func leaveOut(_ field: JSON.Object.Field) {
        others.append(field.name)
        guard otherPrice == nil else { return }
        switch field.value {
        case .integer(0): return
        case .number(let text) where ScientificDecimal(text)?.digits == 0: return
        case .integer, .number: otherPrice = field.name
        default: return
        }
    }

    /// A step needs a price below it; without one its member is among `others`.
    private mutating func addSteps(_ steps: [Step]) {
        for step in steps.sorted(by: { $0.above < $1.above }) {
            guard let base = rates.tokens[step.key] else {
                others.append(step.member)
                continue
            }
            let above = base.above.filter { $0.tokens != step.above } + [TokenRate.Step(above: step.above, perMillion: step.price)]
            rates.tokens[step.key] = TokenRate(perMillion: base.perMillion, above: above)
        }
    }

    /// The parts of `tiered_pricing`: members that count from a size of prompt on. Nil where it is by something else.
    private static func ranges(in value: JSON) -> [(from: Quantity, fields: [JSON.Object.Field])]? {
        guard let parts = value.array else { return nil }
        var ranges: [(from: Quantity, fields: [JSON.Object.Field])] = []
        for part in parts {
            guard let object = part.object, let from = object["range"]?.array?.first.flatMap(whole) else { return nil }
            ranges.append((from, object.fields.filter { $0.name != "range" }))
        }
        return ranges
    }

    private static func whole(_ value: JSON) -> Quantity? {
        switch value {
        case .integer(let integer): (0...Quantity.largest).contains(integer) ? integer : nil
        case .number(let text):
            ScientificDecimal(text)?.money().flatMap { $0.isExact ? Quantity(exactly: $0.amount.units / Money.unitsPerOne) : nil }
        default: nil
        }
    }

    /// Nil for a member that is no price of tokens, or has an ending that no rate can say.
    private static func key(of member: String) -> (ModelRates.Key, above: Quantity)? {
        for (name, kind) in classes.sorted(by: { $0.member.utf8.count > $1.member.utf8.count }) where member.hasPrefix(name) {
            var rest = member.dropFirst(name.count)
            var tier = ServiceTier.standard
            for ending in tiers where rest.hasSuffix(ending.suffix) {
                tier = ending.tier
                rest = rest.dropLast(ending.suffix.count)
            }
            if rest.isEmpty { return (ModelRates.Key(kind, tier), 0) }
            guard rest.hasPrefix("_above_"), rest.hasSuffix("k_tokens"), let thousands = Quantity(rest.dropFirst(7).dropLast(8)),
                (1...1_000_000).contains(thousands)
            else { return nil }
            return (ModelRates.Key(kind, tier), thousands * 1_000)
        }
        return nil
    }

    private mutating func price(_ field: JSON.Object.Field, timesTenTo shift: Int, _ rate: Money) throws(BadRow) -> Money {
        let written: String
        switch field.value {
        case .integer(let integer): written = String(integer)
        case .number(let text), .string(let text): written = text
        default: throw BadRow(reason: "\(field.name) is not a number")
        }
        guard let number = ScientificDecimal(written) else { throw BadRow(reason: "\(field.name) is not a number") }
        guard let price = number.times(rate)?.money(timesTenTo: shift), Money(price.amount.text) == price.amount else {
            throw BadRow(reason: "\(field.name) has more than the 15 digits before the point that a price may have")
        }
        if price.amount == .zero, number.digits != 0 {
            throw BadRow(reason: "\(field.name) is below the smallest price, 0.0000000001\(shift == 6 ? " per 1,000,000" : "")")
        }
        if !price.isExact { rounded.append((field.name, written, price.amount)) }
        return price.amount
    }
}
