import Testing

@testable import Metering

@Suite struct ModelPriceTests {
    private func price(_ input: String, _ output: String, from time: Int64 = 0, model: String = "m") throws -> ModelPrice {
        ModelPrice(
            model: ModelName(stored: model), inputPerMillion: try #require(Money(input)), outputPerMillion: try #require(Money(output)),
            currency: euro, effectiveFrom: Timestamp(milliseconds: time))
    }

    /// Prices and tokens of input and output, with their cost as Python's `fractions` computes it.
    static let costs: [(String, String, Int64, Int64, String)] = [
        ("2.50", "10.00", 1000, 500, "0.0075"), ("1.25", "10", 1, 0, "0.00000125"), ("3", "15", 0, 0, "0.00"),
        ("0", "0.0000000001", 1, 499_999, "0.00"), ("0", "0.0000000001", 0, 500_000, "0.0000000001"),
        ("0", "0.0000000001", 0, 1_499_999, "0.0000000001"), ("0", "0.0000000001", 0, 1_500_000, "0.0000000002"),
        // Summed before they are rounded.
        ("0.0000000001", "0.0000000001", 250_000, 250_000, "0.0000000001"), ("0.0000000001", "0.0000000001", 249_999, 250_000, "0.00"),
        ("0.0000000003", "0.0000000003", 166_667, 166_667, "0.0000000001"),
        ("0.0750000001", "0.3000000007", 123_456_789, 987_654_321, "305.5555561787"),
        ("600", "150.1234567891", 7_777_777, 3, "4666.6666503704"),
        ("533.5363200471", "766089077768302.7286365895", 2_791_730_799_167_043, 193_488_809, "148231152735074422.6490520387"),
        ("34.8178031153", "429270600544139.1502668376", 4_984_272_439_542_451, 370_794_245, "159171241770877138.4032149308"),
        ("545.1021387653", "720313775346125.6552527585", 6_078_102_880_459_764, 833_077_303, "600080370465978026.5249896258"),
        ("0.15", "0.60", Quantity.largest, Quantity.largest, "6755399441.05574325"),
        ("999999999999999", "0.0000000001", Quantity.largest, 1, "9007199254740981992800745.259009"),
        (
            "999999999999999.9999999999", "999999999999999.9999999999", Quantity.largest, Quantity.largest,
            "18014398509481981999999998.1985601491"
        ),
    ]

    @Test(arguments: costs)
    func `A cost is exact, and rounded once, half up, to ten digits`(
        input: String, output: String, inputTokens: Int64, outputTokens: Int64, cost: String
    ) throws {
        let use = ModelUse(inputTokens: inputTokens, outputTokens: outputTokens)
        #expect(try price(input, output).prices(of: use).cost(of: use).text == cost)
        #expect(UsePrices.roundingRule == "half_up_10")
    }

    @Test(arguments: [
        ("gpt-4o", true), ("deepseek/deepseek-chat", true), ("a/b/c@1:2_3.4", true), ("/", true),
        (String(repeating: "m", count: 128), true),
        (String(repeating: "m", count: 129), false), ("", false), ("a b", false), ("modèle", false), ("a%2Fb", false), ("a\u{0}", false),
        ("a\\b", false),
    ])
    func `A model's name is an id that may have slashes`(text: String, isName: Bool) {
        #expect((ModelName(rawValue: text) != nil) == isName)
    }

    @Test(arguments: [
        ("-0.01", "1", "EUR", ModelPriceRefusal.invalid(field: "input_per_million", expected: "expected an amount that is not negative")),
        ("1", "-0.01", "EUR", .invalid(field: "output_per_million", expected: "expected an amount that is not negative")),
        ("0", "0.00", "EUR", .free),
        ("1", "1", "USD", .otherCurrency(than: euro)),
    ])
    func `What is no price of a shop is refused`(input: String, output: String, currency: String, refusal: ModelPriceRefusal) throws {
        let request = ModelPriceRequest(
            model: ModelName(stored: "m"), inputPerMillion: try #require(Money(input)), outputPerMillion: try #require(Money(output)),
            currency: Currency(currency))
        #expect(throws: refusal) { try request.price(in: euro, at: Timestamp(milliseconds: 0)) }
    }

    @Test func `A history grows behind the price in force now, and before and among those to come`() throws {
        let (current, next) = (try price("1", "1", from: 10), try price("3", "3", from: 30))
        func isNew(_ price: ModelPrice) throws -> Bool {
            let before = [current, next].last { $0.effectiveFrom <= price.effectiveFrom }
            return try price.isNew(beside: ModelPricesMet(atBeginning: before, now: current))
        }
        #expect(try isNew(try price("2", "2", from: 11)), "in the past, and behind the one in force")
        for time in [29, 31] as [Int64] { #expect(try isNew(try price("2", "2", from: time))) }
        #expect(try isNew(try price("1", "1", from: 20)), "it holds against one that is put between them later")
        for there in [current, next] { #expect(try !isNew(there)) }
        #expect(throws: ModelPriceRefusal.history(current)) { try isNew(try price("2", "2", from: 9)) }
        #expect(throws: ModelPriceRefusal.taken(by: current)) { try isNew(try price("1", "2", from: 10)) }
        #expect(throws: ModelPriceRefusal.taken(by: next)) { try isNew(try price("2", "3", from: 30)) }
        #expect(try price("1", "1", from: 5).isNew(beside: ModelPricesMet(atBeginning: nil, now: nil)))
    }
}
