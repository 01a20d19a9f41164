import Foundation
import JSON
import Metering
import Support
import Testing

@testable import shopmeter

@Suite struct PriceFileTests {
    private func parse(_ text: String) throws -> PriceFile { try PriceFile(parsing: Array(text.utf8)) }

    @Test func `A file's prices per token are exact prices per million`() throws {
        let file = try PriceFile(samplePrices)
        #expect(file.refused == [] && file.skipped == ["no model": ["sample_spec"], "per image": ["painter"], "per second": ["listener"]])
        #expect(file.entries.map(\.model.rawValue) == ["small-chat", "maker/large-chat", "maker/embedder", "maker/odd"])
        #expect(file.entries.map(\.line) == [8, 9, 14, 15])
        #expect(file.entries.map { $0.rates[.input]?.perMillion.text } == ["0.50", "1.25", "0.0022", "0.07"])
        #expect(file.entries.map { $0.rates[.output]?.perMillion.text } == ["1.50", "10.00", "0.00", "0.0000000001"])
    }

    static let refused: [(String, String)] = [
        ("\"m\": 1", "it is no object"), ("\"m\": [1]", "it is no object"),
        ("\"a b\": {\"input_cost_per_token\": 1, \"output_cost_per_token\": 1}", "the name is not \(ModelName.form.expectation)"),
        ("\"m\": {\"input_cost_per_token\": 1}", "output_cost_per_token is missing"),
        ("\"m\": {\"output_cost_per_token\": 1}", "input_cost_per_token is missing"),
        ("\"m\": {\"input_cost_per_token\": \"one\", \"output_cost_per_token\": 1}", "input_cost_per_token is not a number"),
        ("\"m\": {\"input_cost_per_token\": 1, \"output_cost_per_token\": null}", "output_cost_per_token is missing"),
        ("\"m\": {\"input_cost_per_token\": true, \"output_cost_per_token\": 1}", "input_cost_per_token is not a number"),
    ]

    @Test(arguments: refused)
    func `What is nonsense is refused by its line`(entry: String, reason: String) throws {
        let file = try parse("{\n\"good\": {\"input_cost_per_token\": 1e-6, \"output_cost_per_token\": 0},\n\n\(entry)}")
        #expect(file.refused.map(\.reason) == [reason] && file.refused.map(\.line) == [4] && file.entries.count == 1)
    }

    @Test(arguments: ["1e9", "1000000000", "1e400", "1e99999999999999999999", "9e999", "1e-17"])
    func `A price that is too large or too small is refused`(number: String) throws {
        let file = try parse("{\"m\": {\"input_cost_per_token\": \(number), \"output_cost_per_token\": 0}}")
        #expect(file.refused.count == 1 && file.entries == [])
    }

    @Test func `A name that is there twice is refused where it is there again, whatever it says`() throws {
        let price = "{\"input_cost_per_token\": 1e-6, \"output_cost_per_token\": 0}"
        let file = try parse("{\"m\": \(price),\n\"n\": {},\n\"\\u006d\": \(price),\n\"n\": \(price)}")
        #expect(file.entries.map(\.line) == [1] && file.skipped == ["no price": ["n"]])
        #expect(file.refused.map(\.line) == [3, 4] && file.refused.map(\.name) == ["m", "n"])
        #expect(file.refused.map(\.reason) == ["the name is there already, in line 1", "the name is there already, in line 2"])
    }

    @Test(arguments: [
        ("[]", 1, "expected an object"), ("{}\n\nx", 3, "only white space may follow the value"),
        ("{\n\"m\": {\n\"a\": 01}}", 3, "expected , or }"),
        ("{\n\"m\": {\"a\": 1,\n\"a\": 2}}", 3, "a name is given twice in one object"),
        ("{\n1: 2}", 2, "expected a name in quotation marks"),
        ("{\"m\" {}}", 1, "expected :"), ("{\"m\": {}", 1, "the text ends too early"), ("", 1, "the text ends too early"),
    ])
    func `A file that is no JSON is refused by its line`(text: String, line: Int, message: String) async throws {
        try await withFile(text) { path in
            let failure = #expect(throws: Failure.self) { _ = try PriceFile(path) }
            #expect(failure?.description == "\(path), line \(line): \(message).")
        }
        #expect(throws: Failure("/dev/null/prices cannot be opened: Not a directory.")) { _ = try PriceFile("/dev/null/prices") }
    }
}

/// The path of a price file in LiteLLM's format.
let samplePrices = fixtureFile("model_prices.json").path
