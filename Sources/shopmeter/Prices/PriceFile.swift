internal import Foundation
internal import Glibc
internal import JSON
internal import Metering
internal import MongoServer

/// A file of prices per token in LiteLLM's format: a JSON object of models, each an object with `input_cost_per_token`, `output_cost_per_token`
/// and members that are ignored.
struct PriceFile: Equatable {
    /// A model's prices, per 1,000,000 tokens.
    struct Entry: Equatable {
        /// The line of its name in the file, counted from 1.
        let line: Int
        let model: ModelName
        let input: Money
        let output: Money
    }

    /// An entry whose price cannot be stored, and why.
    struct Refused: Equatable {
        let line: Int
        let name: String
        let reason: String
    }

    private(set) var entries: [Entry] = []
    private(set) var refused: [Refused] = []
    /// The names of the models that are not priced by tokens.
    private(set) var skipped: [String] = []

    private static let maximumBytes = 64 * 1024 * 1024
    private static let (input, output) = ("input_cost_per_token", "output_cost_per_token")
    private static let modes: Set = ["chat", "completion", "responses", "embedding"]

    init(_ path: String) throws(Failure) {
        let bytes = try Self.read(path)
        do {
            try self.init(parsing: bytes)
        } catch {
            throw Failure("\(path), line \(Self.line(of: error.offset, in: bytes)): \(error.message).")
        }
    }

    init(parsing bytes: [UInt8]) throws(JSON.SyntaxError) {
        var (line, counted) = (1, 0)
        var lines: [String: Int] = [:]
        for field in try JSON.locatedFields(parsing: bytes) {
            line += Self.newlines(in: bytes[counted..<field.offset])
            counted = field.offset
            if let first = lines[field.name] {
                refused.append(Refused(line: line, name: field.name, reason: "the name is there already, in line \(first)"))
            } else {
                lines[field.name] = line
                take(field, line)
            }
        }
    }

    /// Adds one model to `entries`, `refused` or `skipped`.
    private mutating func take(_ field: JSON.LocatedField, _ line: Int) {
        guard let fields = field.value.object else {
            return refused.append(Refused(line: line, name: field.name, reason: "it is no object"))
        }
        guard Self.isPricedByTokens(fields) else { return skipped.append(field.name) }
        do throws(BadRow) {
            entries.append(try Self.entry(field.name, fields, line))
        } catch {
            refused.append(Refused(line: line, name: field.name, reason: error.reason))
        }
    }

    private static func entry(_ name: String, _ fields: JSON.Object, _ line: Int) throws(BadRow) -> Entry {
        guard let model = ModelName(rawValue: name) else { throw BadRow(reason: "the name is not \(ModelName.form.expectation)") }
        return Entry(line: line, model: model, input: try price(input, of: fields), output: try price(output, of: fields))
    }

    /// Whether a model is priced by tokens: it has a price per token, and no mode or one of `modes`. LiteLLM's `sample_spec` has a sentence as its
    /// mode; other modes count images or seconds.
    private static func isPricedByTokens(_ fields: JSON.Object) -> Bool {
        if let mode = fields["mode"], mode.string.map(modes.contains) != true { return false }
        return fields[input] != nil || fields[output] != nil
    }

    /// The price per 1,000,000 tokens, computed exactly from the price per token.
    private static func price(_ name: String, of fields: JSON.Object) throws(BadRow) -> Money {
        let text: String
        switch fields[name] {
        case .integer(let integer): text = String(integer)
        case .number(let number): text = number
        case nil: throw BadRow(reason: "\(name) is missing")
        default: throw BadRow(reason: "\(name) is not a number")
        }
        guard let price = Money(scientific: text, timesTenTo: 6), Money(price.text) == price else {
            throw BadRow(reason: "\(name) has more digits than a price per 1,000,000 may have, 15 before the point and 10 after it")
        }
        return price
    }

    private static func read(_ path: String) throws(Failure) -> [UInt8] {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw Failure("\(path) cannot be opened: \(systemMessage(errno)).")
        }
        let data: Data
        do { data = try file.read(upToCount: maximumBytes + 1) ?? Data() } catch {
            throw Failure("\(path) cannot be read: \(Failure.words(error))")
        }
        guard data.count <= maximumBytes else { throw Failure("\(path) is larger than \(maximumBytes) bytes.") }
        return Array(data)
    }

    /// The line of a byte, counted from 1.
    private static func line(of offset: Int, in bytes: [UInt8]) -> Int { 1 + newlines(in: bytes[..<offset]) }

    private static func newlines(in bytes: ArraySlice<UInt8>) -> Int { bytes.count { $0 == UInt8(ascii: "\n") } }
}
