import Testing

@testable import Metering

@Suite struct ModelCostTests {
    private func price(_ rates: ModelRates) -> ModelPrice {
        ModelPrice(model: ModelName(stored: "m"), rates: rates, currency: euro, effectiveFrom: Timestamp(milliseconds: 0))
    }

    private func money(_ text: String) throws -> Money { try #require(Money(text)) }

    private func cost(_ use: ModelUse, at rates: ModelRates) throws -> String {
        try price(rates).prices(of: use).cost(of: use).text
    }

    /// Prices and tokens of four classes, a markup in percent, and the cost as Python's `decimal` computes it with 200 digits.
    static let costs: [([String], [Int64], String, String)] = [
        (["533.94", "161.30", "56.87", "877.88"], [385134, 488982, 1, 980455], "10000", "115668.54681983"),
        (
            ["328176821.93", "451473309.9583729313", "902670201.6879", "84781894.7554"], [6_484_545_055_347_698, 0, 1, 0], "20",
            "2553692865511085260.1419425935"
        ),
        (["7.5969089795", "4.94", "4.08", "7.07"], [2_853_027_611_104_842, 0, 0, 1], "10000", "2189093298833.9453327486"),
        (
            ["287808854804857.2913101231", "63509719739367.5926148081", "696429187410738.4953", "350986641409284.1654049758"],
            [1, 263194, 340657, 515826], "33.3333333333", "580009570630926.0329747452"
        ),
        (
            ["947.0967", "656.64", "968.6768280860", "895.2109"], [351944, 2_189_032_761_097_954, 1, 1], "33.3333333333",
            "1916541963440.4373704192"
        ),
        (["557.7522267383", "415.3826", "662.5749927181", "580.1751620623"], [285652, 0, 0, 1], "33.3333333333", "212.4314923298"),
        (["7.2299138958", "5.20", "0.5876848809", "6.94"], [1, 8_625_570_680_136_959, 1, 453449], "12.5", "50459588482.3415220123"),
        (
            ["969.4198313114", "340.6630", "173.8736316731", "3.6268602803"],
            [8_125_259_228_212_178, 4_717_745_789_599_596, 7_963_126_230_481_174, 1], "33.3333333333", "14491368721946.1075506218"
        ),
        (
            ["978638337.7856", "762165014.9357", "558208275.1387", "910467152.28"], [0, 5_825_540_445_161_071, 4_881_994_265_792_778, 1],
            "0.0000000001", "7165192718747088928.196508647"
        ),
        (
            ["163061428.7359", "548375554.4936466433", "129293295.2813731136", "424150463.54"],
            [5_165_748_786_954_867, 8_462_166_381_679_549, 1, 337197], "20", "6579335471526772167.2941407201"
        ),
        (
            ["376465328290963.1580", "254002202639646.86", "642240323316690.0312517589", "790486709181230.5610298291"],
            [225711, 1, 882661, 168670], "10000", "79303634396244247.6639866117"
        ),
        (["0.45", "5.8518", "9.9613", "5.5915"], [1, 1, 0, 798_421_918_132_684], "33.3333333333", "5952501540.3170570583"),
        (
            ["865007025.2128286734", "824995412.69", "426880487.73", "973423786.5173"], [792849, 162598, 465513, 1], "33.3333333333",
            "1358242598.6049626103"
        ),
        (["7.6956936950", "2.25", "1.37", "2.3922"], [1, 0, 6_736_341_779_519_503, 1], "33.3333333333", "12305050983.9192293344"),
        (
            ["59038009.1978286830", "707585582.5468", "648472582.5326935462", "392908807.8071283887"], [6_608_472_651_297_062, 1, 0, 1],
            "20", "468181283005051619.7258772454"
        ),
        (["5.3577", "6.88", "6.70", "6.8667026973"], [0, 998421, 7_421_993_470_003_265, 0], "33.3333333333", "66303141674.5047735212"),
        (["2.0344", "7.36", "8.4998", "5.7496"], [0, 5_594_238_497_562_302, 1, 0], "20", "49408314410.4702614638"),
        (
            ["943913340448414.5280486374", "86785199797153.0180", "408245521602325.97", "336754030825971.65"], [0, 1, 1, 891211],
            "0.0000000001", "300119391597466.5390387352"
        ),
        (["49.4148310243", "533.0099626165", "622.32", "730.24"], [0, 0, 0, 1], "0.0000000001", "0.00073024"),
        (
            ["736.1701", "161.1105", "538.73", "871.30"], [928825, 1_115_582_759_932_793, 3_146_633_911_391_683, 0], "33.3333333333",
            "2499890912015.330790404"
        ),
        (
            ["471790345.5816400761", "610134020.5408", "398987345.54", "492068717.4272"], [2_576_099_492_206_632, 1, 0, 1], "33.3333333333",
            "1620505159574068912.98879273"
        ),
        (
            ["999999999999999.9999999999", "999999999999999.9999999999", "999999999999999.9999999999", "999999999999999.9999999999"],
            [9_007_199_254_740_991, 9_007_199_254_740_991, 9_007_199_254_740_991, 9_007_199_254_740_991], "0",
            "36028797018963963999999996.3971202981"
        ),
        (
            ["999999999999999.9999999999", "999999999999999.9999999999", "999999999999999.9999999999", "999999999999999.9999999999"],
            [900_719_925_474, 900_719_925_474, 900_719_925_474, 900_719_925_474], "10000", "363890849891495999999999.963610915"
        ),
    ]

    @Test(arguments: costs)
    func `A cost is exact over all classes with its markup, and rounded once, up to the largest tokens and prices`(
        prices: [String], tokens: [Int64], markup: String, cost: String
    ) throws {
        let kinds: [TokenClass] = [.input, .output, .cacheRead, .outputAudio]
        var rates = ModelRates(tokens: [:], markupPercent: try money(markup))
        for (kind, price) in zip(kinds, prices) { rates.tokens[ModelRates.Key(kind)] = TokenRate(perMillion: try money(price)) }
        let use = ModelUse(tokens: Dictionary(uniqueKeysWithValues: zip(kinds, tokens)))
        #expect(try self.cost(use, at: rates) == cost)
        rates.markupPercent = .zero
        let unmarked = try self.cost(use, at: rates)
        #expect(try price(rates).prices(of: use).ownCost(of: use).text == unmarked)
    }

    @Test func `Every class at the largest price, tokens and markup fits`() throws {
        var rates = ModelRates(tokens: [:], markupPercent: ModelRates.maximumMarkup)
        let largest = try money("999999999999999.9999999999")
        for kind in TokenClass.allCases { rates.tokens[ModelRates.Key(kind)] = TokenRate(perMillion: largest) }
        let use = ModelUse(tokens: Dictionary(uniqueKeysWithValues: TokenClass.allCases.map { ($0, Quantity.largest) }))
        // 14 × (2^53 − 1) × (10^15 − 10^-10) ÷ 10^6 × 101
        #expect(try cost(use, at: rates) == "12736179746203761273999998726.3820253796")
    }

    /// A price that doubles above 200,000 tokens of prompt.
    private func stepped() throws -> ModelRates {
        let (input, output) = (try money("1.25"), try money("10"))
        return ModelRates(
            tokens: [
                ModelRates.Key(.input): TokenRate(
                    perMillion: input, above: [TokenRate.Step(above: 200_000, perMillion: try money("2.50"))]),
                ModelRates.Key(.output): TokenRate(
                    perMillion: output, above: [TokenRate.Step(above: 200_000, perMillion: try money("15"))]),
                ModelRates.Key(.cacheRead): TokenRate(
                    perMillion: try money("0.125"), above: [TokenRate.Step(above: 200_000, perMillion: try money("0.25"))]),
                ModelRates.Key(.input, .batch): TokenRate(perMillion: try money("0.625")),
                ModelRates.Key(.output, .batch): TokenRate(perMillion: try money("5")),
                ModelRates.Key(.input, .priority): TokenRate(perMillion: try money("2.25")),
            ],
            fallbacks: [.reasoning: .output, .cacheWriteHour: .cacheWrite, .cacheWrite: .input])
    }

    @Test(
        arguments: [
            (199_999, 0, "0.25999875"), (200_000, 0, "0.26"), (200_001, 0, "0.5150025"), (199_999, 1, "0.259998875"),
            (199_999, 2, "0.514998"), (100_000, 100_000, "0.1475"), (100_000, 100_001, "0.29000025"),
        ] as [(Int64, Int64, String)])
    func `A prompt's size counts its cached tokens, and a step counts above it`(input: Int64, cached: Int64, cost: String) throws {
        let use = ModelUse(tokens: [.input: input, .cacheRead: cached, .output: 1_000])
        #expect(try self.cost(use, at: try stepped()) == cost)
    }

    @Test func `A tier has its own prices, and the standard ones where it has none, which is said`() throws {
        let rates = try stepped()
        let batch = ModelUse(tokens: [.input: 1_000_000, .cacheRead: 1_000_000, .output: 1_000_000], tier: .batch)
        let prices = try price(rates).prices(of: batch)
        #expect(prices.cost(of: batch).text == "5.875")
        #expect(prices.classes.map(\.tier) == [.batch, .batch, .standard] && prices.classes.map(\.above) == [nil, nil, 200_000])
        let priority = ModelUse(tokens: [.input: 100_000, .output: 10], tier: .priority)
        #expect(try cost(priority, at: rates) == "0.2251")
        let flex = try price(rates).prices(of: ModelUse(tokens: [.input: 1], tier: .flex))
        #expect(flex[.input]?.tier == .standard)
    }

    @Test func `A class without a price has its fallback's, and without one it is refused`() throws {
        let rates = try stepped()
        let use = ModelUse(tokens: [.reasoning: 10, .cacheWriteHour: 20])
        let prices = try price(rates).prices(of: use)
        #expect(prices[.reasoning]?.fallback == .output && prices[.cacheWriteHour]?.fallback == .input && prices[.input]?.fallback == nil)
        #expect(prices.cost(of: use).text == "0.000125")
        let missing = PriceMissing(model: ModelName(stored: "m"), kind: "input_audio")
        #expect(throws: missing) { try price(rates).prices(of: ModelUse(tokens: [.inputAudio: 1])) }
        #expect(throws: PriceMissing.self) { try price(rates).prices(of: ModelUse(tokens: [:], thousandths: [.second: 1_500])) }
    }

    @Test func `Units are charged by their count, and a model that only they pay for is not given away`() throws {
        var rates = ModelRates(inputPerMillion: .zero, outputPerMillion: .zero)
        rates.units = [.second: try money("0.0001"), .request: try money("0.002")]
        let use = ModelUse(tokens: [.input: 5], thousandths: [.second: 1_500])
        #expect(try cost(use, at: rates) == "0.00215")
        #expect(throws: PriceMissing(model: ModelName(stored: "m"), kind: "per_second")) {
            try price(rates).prices(of: ModelUse(tokens: [.input: 5]))
        }
        rates.units = [.request: try money("0.002")]
        #expect(try cost(ModelUse(tokens: [:], thousandths: [.request: 3_000]), at: rates) == "0.006")
    }

    @Test func `Rates that contradict themselves are refused by their field`() throws {
        func field(_ change: (inout ModelRates) throws -> Void) throws -> String? {
            var rates = ModelRates(inputPerMillion: try money("1"), outputPerMillion: try money("1"))
            try change(&rates)
            do { try rates.check(allowingFree: false) } catch {
                if case .invalid(let field, _) = error { return field }
                return "\(error)"
            }
            return nil
        }
        #expect(try field { _ in } == nil)
        #expect(try field { $0.fallbacks = [.reasoning: .inputAudio] } == "fallbacks.reasoning")
        #expect(try field { $0.fallbacks = [.reasoning: .inputAudio, .inputAudio: .reasoning] } == "fallbacks.reasoning")
        #expect(try field { $0.markupPercent = try money("10000.01") } == "markup_percent")
        #expect(
            try field {
                let steps = [TokenRate.Step(above: 5, perMillion: .zero), TokenRate.Step(above: 5, perMillion: .zero)]
                $0.tokens[ModelRates.Key(.cacheRead, .flex)] = TokenRate(perMillion: .zero, above: steps)
            } == "classes.cache_read.tiers.flex.above")
        #expect(try field { $0 = ModelRates(tokens: [:]) } == "empty")
        #expect(try field { $0 = ModelRates(inputPerMillion: .zero, outputPerMillion: .zero) } == "free")
        #expect(throws: Never.self) { try ModelRates(inputPerMillion: .zero, outputPerMillion: .zero).check(allowingFree: true) }
    }

    @Test(
        arguments: [
            ("gpt-4o", nil, ["gpt-4o"]), ("openai/gpt-4o", nil, ["openai/gpt-4o", "gpt-4o"]), ("azure/gpt-4o", nil, ["azure/gpt-4o"]),
            ("gpt-4o", "azure", ["azure/gpt-4o", "gpt-4o"]), ("gpt-4o-2024-08-06", nil, ["gpt-4o-2024-08-06", "gpt-4o"]),
            (
                "anthropic/claude-3-opus-20240229", nil,
                [
                    "anthropic/claude-3-opus-20240229", "claude-3-opus-20240229", "anthropic/claude-3-opus", "claude-3-opus",
                ]
            ),
            ("claude-3-opus@20240229", nil, ["claude-3-opus@20240229", "claude-3-opus"]), ("-20240229", nil, ["-20240229"]),
            ("fast", nil, ["fast", "maker/fast-model"]), ("gpt-4o-202408-6", nil, ["gpt-4o-202408-6"]),
        ] as [(String, String?, [String])])
    func `A model is looked for under the names of the rule, in its order`(name: String, provider: String?, names: [String]) {
        let found = ModelNames.candidates(for: ModelName(stored: name), soldBy: provider) { name in
            name.rawValue == "fast" ? ModelName(stored: "maker/fast-model") : nil
        }
        #expect(found.map(\.rawValue) == names)
    }

    @Test(
        arguments: [
            ("1", "100", nil), ("1", "100.01", "×100.01"), ("100.01", "1", "×0.01"), ("0", "0.01", "from nothing"), ("0.01", "0", "×0.0"),
            ("0.71", "71000", "×100000.0"),
        ] as [(String, String, String?)])
    func `A change of more than a hundred times is a leap`(old: String, new: String, factor: String?) throws {
        func price(_ input: String) throws -> ModelPrice {
            self.price(ModelRates(inputPerMillion: try money(input), outputPerMillion: try money("1")))
        }
        let change = PriceChange(from: try price(old), to: try price(new))
        #expect(change.leap?.text == factor && change.factors.map(\.name) == ["input"])
    }

    @Test(arguments: [
        ("9.499999999999999e-07", "0.95", false), ("5.0000000000000004e-08", "0.05", false), ("1e-16", "0.0000000001", true),
        ("4.9e-17", "0.00", false), ("5e-17", "0.0000000001", false), ("-5e-17", "-0.0000000001", false), ("0", "0.00", true),
        ("0e99", "0.00", true),
        ("1E+2", "100000000.00", true), ("1e-300", "0.00", false),
    ])
    func `A number per token is a price per million to ten digits, and says whether it was before`(
        text: String, price: String, isExact: Bool
    ) throws {
        let money = try #require(ScientificDecimal(text)?.money(timesTenTo: 6))
        #expect(money.amount.text == price && money.isExact == isExact)
    }

    @Test(arguments: ["", "x", "1e", "e5", "1.2.3", "1e999", ".5"])
    func `What is no number is none`(text: String) { #expect(ScientificDecimal(text) == nil) }
}
