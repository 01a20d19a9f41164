import Foundation
import Metering
import Mongo
import Service
import Store
import StoreSupport
import Support
import Testing

@testable import shopmeter

@Suite struct PricesImportTests {
    @Test func `A file is imported once, and a second run changes nothing`() async throws {
        try await withPrices { test in
            let first = try await test.run(samplePrices)
            #expect(
                first.text == """
                    new: small-chat: 0.50 in, 1.50 out
                    new: maker/large-chat: 1.25 in, 10.00 out
                    new: maker/embedder: 0.0022 in, 0.00 out
                    new: maker/odd: 0.07 in, 0.0000000001 out
                    skipped, no model: 1 (sample_spec)
                    skipped, per image: 1 (painter)
                    skipped, per second: 1 (listener)
                    new: 4
                    changed: 0
                    unchanged: 0
                    refused: 0
                    skipped: 3
                    stored: 4
                    """)
            let before = try await test.prices()
            let second = try await test.run(samplePrices)
            #expect((second.new, second.changed, second.unchanged, second.stored) == ([], [], 4, 0))
            #expect(try await test.prices() == before && before.count == 4)
        }
    }

    @Test func `A dry run stores nothing, and says what would change`() async throws {
        try await withPrices { test in
            let dry = try await test.run(samplePrices, ["dry-run": ""])
            #expect(dry.new.count == 4 && dry.text.hasSuffix("stored: 0, as this is a dry run"))
            #expect(try await test.prices() == [])
            _ = try await test.run(samplePrices, ["effective-from": "2026-01-01T00:00:00Z"])
            let refused = try await test.run(prices: ["small-chat": "6e-07"])
            #expect(refused.text.contains("line 2: small-chat: The price of output would change from 1.50 to 0.00, ×0.0."))
            #expect(refused.stored == 0 && refused.refused == 1)
            let changed = try await test.run(prices: ["small-chat": "6e-07"], ["accept": ""])
            let line = "small-chat: 0.50 in, 1.50 out -> 0.60 in, 0.00 out (input ×1.2, output ×0.0)"
            #expect(changed.changed == [line] && changed.stored == 1)
            #expect(try await test.prices(at: "2026-01-01T00:00:00Z").first { $0.hasPrefix("small") } == "small-chat 0.50")
        }
    }

    @Test func `When a price is refused nothing is stored, unless the others are asked for`() async throws {
        try await withPrices { test in
            let bad = ["bad/free": "0", "bad/negative": "-1e-6", "bad/long": "1e-17", "good": "1e-6"]
            let first = try await test.run(prices: bad)
            #expect(first.refused == 2 && first.stored == 0)
            #expect(first.text.contains("free, and the shop has no free models (allow_free_models): 1 (bad/free)"))
            #expect(first.text.contains("line 3: bad/long: input_cost_per_token is below the smallest price"))
            #expect(first.text.contains("line 4: bad/negative: input_per_million: expected an amount that is not negative."))
            #expect(first.text.hasSuffix("stored: 0, as prices were refused; --skip-refused stores the others"))
            #expect(try await test.prices() == [])
            // An entry that cannot even be parsed holds the others back, too.
            #expect(try await test.run(prices: ["bad/long": "1e-17", "good": "1e-6"]).stored == 0)
            #expect(try await test.prices() == [])
            #expect(try await test.run(prices: bad, ["skip-refused": ""]).stored == 1)
            #expect(try await test.prices() == ["good 1.00"])
        }
    }

    @Test func `The whole present list is imported with its classes, tiers and kinds, and a second run changes nothing`() async throws {
        try await withPrices { test in
            let first = try await test.run(fixtureFile("model_costs.json").path)
            #expect(
                first.text == """
                    new: dust: 0.95 in, 4.00 out
                    new: long: 1.25 in, 10.00 out, cache_read 0.125, 3 of tiers, 4 of long prompts
                    new: ranges: 0.05 in, 0.40 out, reasoning 1.00, 2 of long prompts
                    new: embed: 0.10 in
                    new: quoted: 1.00 in, 5.00 out
                    new: rerank: 0.00 in, 0.00 out, per_request 0.002
                    new: image: 5.00 in, input_image 10.00, output_image 40.00
                    rounded: dust input_cost_per_token: 9.499999999999999e-07 is stored as 0.95
                    left out, as no price can say it: cache_creation_input_token_cost_above_200k_tokens of 1
                    left out, as no price can say it: input_cost_per_token_ultrafast of 1
                    left out, as no price can say it: search_context_cost_per_query of 1
                    skipped, no price: 1 (sizes)
                    skipped, per pixel: 1 (pixels)
                    skipped, per second: 1 (video)
                    free, and the shop has no free models (allow_free_models): 1 (free)
                    new: 7
                    changed: 0
                    unchanged: 0
                    refused: 0
                    free: 1
                    skipped: 3
                    stored: 7
                    """)
            let again = try await test.run(fixtureFile("model_costs.json").path)
            #expect(again.unchanged == 7 && again.stored == 0 && again.refused == 0)
            let long = try await test.service.modelPrice(of: ModelName(stored: "long"), in: test.tenant).rates
            let step = TokenRate.Step(above: 200_000, perMillion: try #require(Money("2.5")))
            #expect(long[.input] == TokenRate(perMillion: try #require(Money("1.25")), above: [step]))
            #expect(long[.input, .batch]?.perMillion.text == "0.625" && long[.output, .priority]?.perMillion.text == "20.00")
            let ranges = try await test.service.modelPrice(of: ModelName(stored: "ranges"), in: test.tenant).rates
            #expect(ranges[.input]?.step(for: 256_001)?.perMillion.text == "0.25" && ranges[.input]?.step(for: 256_000) == nil)
        }
    }

    @Test func `A rate turns dollars into the shop's currency, once, and a leap needs a word`() async throws {
        try await withPrices(in: "EUR") { test in
            _ = try await test.run(prices: ["m": "3e-6"], ["currency": "EUR", "rate": "0.9237"])
            #expect(try await test.prices() == ["m 2.7711"])
            let leap = try await test.run(prices: ["m": "3e-3", "n": "1e-6"], ["currency": "EUR", "rate": "0.9237"])
            #expect(leap.refused == 1 && leap.stored == 0)
            #expect(leap.text.contains("line 2: m: The price of input would change from 2.7711 to 2771.10, ×1000.0."))
            let rest = try await test.run(prices: ["m": "3e-3", "n": "1e-6"], ["currency": "EUR", "rate": "0.9237", "skip-refused": ""])
            #expect(rest.stored == 1)
            let taken = try await test.run(prices: ["m": "3e-3"], ["currency": "EUR", "rate": "0.9237", "accept": ""])
            #expect(taken.stored == 1)
        }
    }

    @Test func `A name from a file cannot write to the terminal`() async throws {
        try await withPrices { test in
            let summary = try await test.run(prices: ["\\u001b[2Jx": "1e-6"])
            #expect(summary.text.contains("line 2: \"\\u001b[2Jx\": the name is not"))
        }
    }

    @Test func `Prices in another currency than the shop's are refused`() async throws {
        try await withPrices { test in
            let failure = await #expect(throws: Failure.self) { try await test.run(samplePrices, ["currency": "EUR", "rate": "0.9"]) }
            #expect(failure?.description == "The shop shop has USD, and the prices would be in EUR: give --currency and --rate.")
        }
    }

    @Test func `The exit code tells a refusal, and a wrong call`() async throws {
        try await withPrices { test in
            #expect(await test.call(["prices", "import", samplePrices, "--shop", "shop", "--dry-run"]) == 0)
            let none = try await test.prices()
            #expect(none == [])
            #expect(await test.call(["prices", "import", samplePrices, "--shop", "shop"]) == 0)
            let stored = try await test.prices()
            #expect(stored.count == 4)
            #expect(await test.call(["prices", "list", "--shop", "shop"]) == 0)
            #expect(await test.call(["prices", "import", samplePrices, "--shop", "nobody"]) == 1)
            #expect(await test.call(["prices", "import", "/dev/null/prices", "--shop", "shop"]) == 1)
            let past = ["--effective-from", "2026-01-01T00:00:00Z"]
            #expect(await test.call(["prices", "import", samplePrices, "--shop", "shop"] + past) == 1, "before those in force")
            for wrong in [
                ["--dry-run=yes"], ["--effective-from", "today"], ["--currency", "usd"], ["--shop", "a b"], ["more"], ["--rate", "2"],
                ["--currency", "EUR"],
                ["--currency", "EUR", "--rate", "0"],
            ] {
                #expect(await test.call(["prices", "import", samplePrices, "--shop", "shop"] + wrong) == 2, "\(wrong)")
            }
        }
    }
}

/// A shop in US dollars on a database of its own.
private struct PricesTest {
    let environment: [String: String]
    let service: ShopMeter
    let tenant: Tenant

    func call(_ arguments: [String]) async -> Int32 { await Program(environment: environment).run(arguments) }

    func run(_ file: String, _ options: [String: String] = [:]) async throws -> PriceImportSummary {
        let all = ["shop": "shop"].merging(options) { $1 }
        let options = try PriceImportOptions(Arguments(options: all, operands: [file]))
        return try await PriceImporter(service: service, options: options).run()
    }

    /// Imports a file with a model a line, in the order of their names.
    /// - Parameter prices: the price of an input token by the model's name; output costs nothing.
    func run(prices: [String: String], _ options: [String: String] = [:]) async throws -> PriceImportSummary {
        let lines = prices.sorted { $0.key < $1.key }.map { "\"\($0)\": {\"input_cost_per_token\": \($1), \"output_cost_per_token\": 0}" }
        return try await withFile("{\n\(lines.joined(separator: ",\n"))}") { try await run($0, options) }
    }

    /// Each model's name with its price of 1,000,000 input tokens, now or at a time (RFC 3339).
    func prices(at time: String? = nil) async throws -> [String] {
        let now = try await service.modelPrices(in: tenant, after: nil, limit: 100)
        var prices: [String] = []
        for price in now {
            let at = try await service.modelPrice(of: price.model, at: time.flatMap(Timestamp.init(rfc3339:)), in: tenant)
            prices.append("\(at.model) \(at.inputPerMillion?.text ?? "-")")
        }
        return prices
    }
}

private func withPrices(in currency: String = "USD", _ body: (PricesTest) async throws -> Void) async throws {
    try await withTestStore { store, database in
        let service = ShopMeter(store: store, settings: Settings(adminToken: ""))
        defer { service.drain() }
        let made = try await service.createShop(
            id: ShopID(stored: "shop"), name: "Shop", currency: Currency(stored: currency), clock: .live)
        let environment = ["SHOPMETER_MONGODB_URI": try TestDatabase.uri(), "SHOPMETER_DATABASE": database.name]
        try await body(PricesTest(environment: environment, service: service, tenant: made.shop.tenant))
    }
}
