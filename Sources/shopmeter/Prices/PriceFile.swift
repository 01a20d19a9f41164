internal import Foundation
internal import Glibc
internal import JSON
internal import Metering
internal import MongoServer

/// A file of prices in LiteLLM's format: a JSON object of models, each an object with a `mode`, prices per token such as `input_cost_per_token`
/// (`ListedCosts`), and members that are no price.
struct PriceFile: Equatable {
    /// A model's prices, per 1,000,000 tokens.
    struct Entry: Equatable {
        /// The line of its name in the file, counted from 1.
        let line: Int
        let model: ModelName
        let rates: ModelRates
    }

    /// An entry whose price cannot be stored, and why.
    struct Refused: Equatable {
        let line: Int
        let name: String
        let reason: String
    }

    private(set) var entries: [Entry] = []
    private(set) var refused: [Refused] = []
    /// The names of the models that are not priced by tokens, by what they are priced by instead: `per image`, `no price`.
    private(set) var skipped: [String: [String]] = [:]
    /// Sentences about prices that have more digits than can be stored.
    private(set) var rounded: [String] = []
    /// How many of the entries have a member with a cost that no rate can say, by the member.
    private(set) var leftOut: [String: Int] = [:]

    private static let maximumBytes = 64 * 1024 * 1024
    /// The modes whose models take and give text: both have a price, or the entry is not whole.
    private static let textModes: Set = ["chat", "completion", "responses"]

    private let rate: Money

    init(_ path: String, rate: Money = Money(units: Money.unitsPerOne)) throws(Failure) {
        let bytes = try Self.read(path)
        do {
            try self.init(parsing: bytes, rate: rate)
        } catch {
            throw Failure("\(path), line \(Self.line(of: error.offset, in: bytes)): \(error.message).")
        }
    }

    /// - Parameter rate: how many units of the shop's currency one of the file's is.
    init(parsing bytes: [UInt8], rate: Money = Money(units: Money.unitsPerOne)) throws(JSON.SyntaxError) {
        self.rate = rate
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
        do throws(BadRow) {
            let costs = try ListedCosts(fields, rate: rate)
            if let kind = try Self.kind(of: costs, fields) { return skipped[kind, default: []].append(field.name) }
            guard let model = ModelName(rawValue: field.name) else { throw BadRow(reason: "the name is not \(ModelName.form.expectation)") }
            entries.append(Entry(line: line, model: model, rates: costs.rates))
            for member in costs.others { leftOut[member, default: 0] += 1 }
            for price in costs.rounded {
                rounded.append("\(model) \(price.member): \(price.written) is stored as \(price.stored.text)")
            }
        } catch {
            refused.append(Refused(line: line, name: field.name, reason: error.reason))
        }
    }

    /// What a model that is not priced by tokens is priced by; nil for one that is. Throws for one of text that lacks one of its two prices.
    private static func kind(of costs: ListedCosts, _ fields: JSON.Object) throws(BadRow) -> String? {
        let mode = fields["mode"]?.string
        // LiteLLM's `sample_spec` has a sentence as its mode.
        if let mode, mode.contains(" ") { return "no model" }
        if costs.rates.tokens.isEmpty || !costs.hasTokenPrice && !costs.hasUnitPrice {
            if let other = costs.otherPrice { return Self.unit(of: other) }
            if let unit = PriceUnit.allCases.first(where: { costs.rates.units[$0] != nil }), costs.rates.tokens.isEmpty {
                return unit.rawValue.replacing("_", with: " ")
            }
            return costs.rates.tokens.isEmpty ? "no price" : nil
        }
        guard fields["mode"] == nil || mode.map(textModes.contains) == true else { return nil }
        for kind in [TokenClass.input, .output] where !costs.has(kind) {
            if let other = costs.otherPrice, other.hasPrefix("\(kind.rawValue)_cost") { return Self.unit(of: other) }
            throw BadRow(reason: "\(kind.rawValue)_cost_per_token is missing")
        }
        return nil
    }

    /// `input_cost_per_video_per_second` is a price `per second`.
    private static func unit(of member: String) -> String {
        let units = ["second", "image", "character", "pixel", "page", "query", "credit", "session", "message"]
        return units.first { member.contains("per_\($0)") }.map { "per \($0)" } ?? "another unit"
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
