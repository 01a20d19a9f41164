import Foundation
import JSON
import Support
import Testing

@testable import Metering

/// Usage objects of `fixtures/usage_objects.json`, at its price.
private struct UsageTable {
    struct Case: Sendable, CustomTestStringConvertible {
        let usage: JSON.Object
        let used: JSON.Object
        let tier: ServiceTier
        let cost: Money
        let testDescription: String

        fileprivate init(_ fields: JSON) throws {
            usage = try #require(fields["usage"]?.object)
            used = try #require(fields["used"]?.object)
            tier = try #require(fields["tier"]?.string.flatMap(ServiceTier.init(rawValue:)))
            cost = try money(fields["cost"])
            testDescription = "\(try #require(fields["provider"]?.string)) \(usage)"
        }
    }

    let cases: [Case]
    let rates: ModelRates

    init() throws {
        let file = try JSON(parsing: [UInt8](Data(contentsOf: fixtureFile("usage_objects.json"))))
        cases = try #require(file["cases"]?.array).map { try Case($0) }
        var rates = ModelRates(tokens: [:])
        for kind in try #require(file["price"]?.object).fields {
            for tier in try #require(kind.value.object).fields {
                let prices = try #require(tier.value.array).map { $0 == .null ? nil : try money($0) }
                let key = ModelRates.Key(
                    try #require(TokenClass(rawValue: kind.name)), try #require(ServiceTier(rawValue: tier.name)))
                rates.tokens[key] = TokenRate(
                    perMillion: try #require(prices[0]),
                    above: prices[1].map { [TokenRate.Step(above: 200_000, perMillion: $0)] } ?? [])
            }
        }
        for unit in try #require(file["units"]?.object).fields {
            rates.units[try #require(PriceUnit(rawValue: unit.name))] = try money(unit.value)
        }
        self.rates = rates
    }
}

private func money(_ value: JSON?) throws -> Money {
    let text = try #require(value?.string)
    return try #require(Money(text))
}

/// A number of a unit, in thousandths.
private func thousandths(_ value: JSON) -> Int64? {
    switch value {
    case .integer(let count): count * 1_000
    case .number(let text): ScientificDecimal(text)?.money(timesTenTo: 3).map { Int64($0.amount.units / Money.unitsPerOne) }
    default: nil
    }
}

@Suite struct UsageObjectTests {
    @Test func `What makers answer is read by class, and costs what decimal arithmetic says`() throws {
        let table = try UsageTable()
        let price = ModelPrice(
            model: ModelName(stored: "m"), rates: table.rates, currency: euro, effectiveFrom: Timestamp(milliseconds: 0))
        #expect(table.cases.count >= 60)
        for row in table.cases {
            let use = try ModelUse(usage: row.usage)
            for kind in TokenClass.allCases {
                #expect(use.tokens(kind) == (row.used[kind.rawValue]?.integer ?? 0), "\(kind) of \(row.testDescription)")
            }
            for unit in PriceUnit.allCases where unit != .request {
                #expect(use.count(of: unit) == (row.used[unit.rawValue].flatMap(thousandths) ?? 0), "\(unit) of \(row.testDescription)")
            }
            #expect(use.tier == row.tier, "\(row.testDescription)")
            #expect(try price.prices(of: use).cost(of: use) == row.cost, "\(row.testDescription)")
        }
    }

    @Test(
        arguments: [
            (#"{}"#, "usage"), (#"{"tokens": 5}"#, "usage"), (#"{"prompt_tokens": null}"#, "usage"),
            (#"{"prompt_tokens": -1}"#, "usage.prompt_tokens"), (#"{"prompt_tokens": "5"}"#, "usage.prompt_tokens"),
            (#"{"prompt_tokens": 1.5}"#, "usage.prompt_tokens"), (#"{"prompt_tokens": 9007199254740992}"#, "usage.prompt_tokens"),
            (#"{"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 4}"#, "usage.total_tokens"),
            (
                #"{"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 10}}"#,
                "usage.prompt_tokens_details.cached_tokens"
            ),
            (
                #"{"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 6}}"#,
                "usage.prompt_tokens_details.audio_tokens"
            ),
            (
                #"{"prompt_tokens": 9, "completion_tokens": 2, "completion_tokens_details": {"reasoning_tokens": 3}}"#,
                "usage.completion_tokens_details.reasoning_tokens"
            ),
            (
                #"{"prompt_tokens": 9, "prompt_cache_hit_tokens": 4, "prompt_cache_miss_tokens": 4}"#, "usage.prompt_cache_miss_tokens"
            ),
            (#"{"prompt_tokens": 9, "prompt_tokens_details": []}"#, "usage.prompt_tokens_details"),
            (#"{"prompt_tokens": 9, "service_tier": "overnight"}"#, "usage.service_tier"),
            (#"{"input_tokens": 1, "output_tokens": 2, "total_tokens": 2}"#, "usage.total_tokens"),
            (
                #"{"input_tokens": 1, "output_tokens": 2, "output_tokens_details": {"reasoning_tokens": 3}}"#,
                "usage.output_tokens_details.reasoning_tokens"
            ),
            (
                #"{"input_tokens": 9, "input_token_details": {"cached_tokens": 4, "cached_tokens_details": {"audio_tokens": 5}}}"#,
                "usage.input_token_details.cached_tokens_details.audio_tokens"
            ),
            (
                #"{"input_tokens": 1, "cache_creation_input_tokens": 9, "cache_creation": {"ephemeral_5m_input_tokens": 8}}"#,
                "usage.cache_creation_input_tokens"
            ),
            (#"{"promptTokenCount": 9, "cachedContentTokenCount": 10}"#, "usage.cachedContentTokenCount"),
            (#"{"promptTokenCount": 9, "candidatesTokenCount": 1, "totalTokenCount": 11}"#, "usage.totalTokenCount"),
            (
                #"{"promptTokenCount": 9, "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 10}]}"#, "usage.promptTokensDetails"
            ),
            (#"{"promptTokenCount": 9, "promptTokensDetails": [{"tokenCount": 9}]}"#, "usage.promptTokensDetails[0].modality"),
            (#"{"inputTokens": 9, "outputTokens": 1, "totalTokens": 11}"#, "usage.totalTokens"),
            (
                #"{"inputTokens": 9, "cacheWriteInputTokens": 1, "cacheDetails": [{"ttl": "1h", "inputTokens": 2}]}"#, "usage.cacheDetails"
            ),
            (#"{"billed_units": {"input_tokens": 5}, "cached_tokens": 6}"#, "usage.cached_tokens"),
            (#"{"billed_units": [5]}"#, "usage.billed_units"), (#"{"seconds": -0.5}"#, "usage.seconds"),
            (#"{"seconds": "9"}"#, "usage.seconds"),
        ])
    func `An object that contradicts itself is refused by its field`(text: String, field: String) throws {
        let usage = try #require(try JSON(parsing: [UInt8](text.utf8)).object)
        let refused = #expect(throws: UsageObjectError.self) { try ModelUse(usage: usage) }
        #expect(refused?.field == field)
    }

    @Test func `The tier that is asked for stands before the one that the object names`() throws {
        let usage = try #require(try JSON(parsing: [UInt8](#"{"total_tokens": 1, "service_tier": "overnight"}"#.utf8)).object)
        #expect(try ModelUse(usage: usage, tier: .batch).tier == .batch)
    }
}
