internal import JSON
internal import Metering
internal import Service

/// What an import of prices did, or would do in a dry run.
struct PriceImportSummary: Equatable, Sendable {
    /// The most names of skipped models of a kind that are shown.
    private static let shown = 10

    /// Lines of models that had no price before.
    private(set) var new: [String] = []
    /// Lines of models whose price is another now.
    private(set) var changed: [String] = []
    private(set) var unchanged = 0
    /// The names of models that cost nothing, in a shop that has no free models.
    private(set) var free: [String] = []
    private(set) var stored = 0
    private var refusals: [(line: Int, text: String)] = []
    private let file: PriceFile
    private let storing: ModelPriceStoring

    /// - Parameter findings: one for each entry of the file, in the file's order.
    init(of file: PriceFile, _ findings: [ModelPriceFinding], storing: ModelPriceStoring) {
        self.storing = storing
        self.file = file
        for entry in file.refused { refuse(line: entry.line, entry.name, entry.reason + ".") }
        for (entry, finding) in zip(file.entries, findings) {
            switch finding {
            case .new(let price): new.append("\(price.model): \(price.text)")
            case .changed(let change): changed.append(change.line)
            case .unchanged: unchanged += 1
            case .free: free.append(entry.model.rawValue)
            case .refused(let error): refuse(line: entry.line, entry.model.rawValue, Failure(error).description)
            }
        }
        let holds = storing == .nothing || storing == .whole && refused > 0
        stored = holds ? 0 : new.count + changed.count
    }

    var refused: Int { refusals.count }

    private mutating func refuse(line: Int, _ name: String, _ reason: String) {
        refusals.append((line, "line \(line): \(Self.shown(name)): \(reason)"))
    }

    /// The summary as the command prints it, one fact a line.
    var text: String {
        let reasons = refusals.sorted { $0.line < $1.line }.map(\.text)
        let counts = [("new", new.count), ("changed", changed.count), ("unchanged", unchanged), ("refused", refused)]
        let facts =
            new.map { "new: \($0)" } + changed.map { "changed: \($0)" } + file.rounded.map { "rounded: \($0)" } + reasons + leftOut + others
        let skipped = file.skipped.values.reduce(0) { $0 + $1.count }
        return
            (facts + counts.map { "\($0.0): \($0.1)" } + (free.isEmpty ? [] : ["free: \(free.count)"])
            + ["skipped: \(skipped)", "stored: \(stored)\(whyNot)"]).joined(separator: "\n")
    }

    /// What is not stored, and is no error: by its kind.
    private var others: [String] {
        let kinds = file.skipped.sorted { $0.key < $1.key }.map { "skipped, \($0.key): \(Self.list($0.value))" }
        return kinds + (free.isEmpty ? [] : ["free, and the shop has no free models (allow_free_models): \(Self.list(free))"])
    }

    private var leftOut: [String] {
        file.leftOut.sorted { $0.key < $1.key }.map { "left out, as no price can say it: \(Self.shown($0.key)) of \($0.value)" }
    }

    /// `3 (a, b, c)`.
    private static func list(_ names: [String]) -> String {
        let more = names.count > shown ? ", …" : ""
        return "\(names.count) (" + names.prefix(shown).map { Self.shown($0) }.joined(separator: ", ") + more + ")"
    }

    private var whyNot: String {
        switch storing {
        case .nothing: ", as this is a dry run"
        case .whole where refused > 0: ", as prices were refused; --skip-refused stores the others"
        case .whole, .whatIsGood: ""
        }
    }

    /// A model's name for the terminal: a name that is not valid is quoted and escaped, as it may hold control characters.
    private static func shown(_ name: String) -> String {
        ModelName.form.accepts(name) ? name : JSON.string(String(name.prefix(128))).description
    }

    static func == (left: PriceImportSummary, right: PriceImportSummary) -> Bool { left.text == right.text }
}

extension PriceChange {
    /// The old rates, the new ones, and what became how many times as much.
    fileprivate var line: String {
        let factors = factors.map { "\($0.name) \($0.text)" }.joined(separator: ", ")
        return "\(new.model): \(old.text) -> \(new.text)" + (factors.isEmpty ? "" : " (\(factors))")
    }
}

extension ModelPrice {
    /// `0.50 in, 1.50 out, cache_read 0.05`, and how many rates there are beside these.
    fileprivate var text: String {
        let both = [(inputPerMillion, "in"), (outputPerMillion, "out")].compactMap { price, name in price.map { "\($0.text) \(name)" } }
        let classes = TokenClass.allCases.filter { $0 != .input && $0 != .output }.compactMap { kind in
            rates[kind].map { "\(kind.rawValue) \($0.perMillion.text)" }
        }
        let units = PriceUnit.allCases.compactMap { unit in rates.units[unit].map { "\(unit.rawValue) \($0.text)" } }
        let tiers = rates.tokens.keys.count { $0.tier != .standard }
        let steps = rates.tokens.values.reduce(0) { $0 + $1.above.count }
        let more = [(tiers, "of tiers"), (steps, "of long prompts")].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return (both + classes + units + more).joined(separator: ", ")
    }
}
