internal import JSON
internal import Metering
internal import Service

/// What an import of prices did, or would do in a dry run.
struct PriceImportSummary: Equatable, Sendable {
    /// The most names of skipped models that are shown.
    private static let shown = 20

    /// Lines of models that had no price before.
    private(set) var new: [String] = []
    /// Lines of models whose price is another now.
    private(set) var changed: [String] = []
    private(set) var unchanged = 0
    private(set) var stored = 0
    private var refusals: [(line: Int, text: String)] = []
    private var skipped: [String]
    private let storing: ModelPriceStoring

    /// - Parameter findings: one for each entry of the file, in the file's order.
    init(of file: PriceFile, _ findings: [ModelPriceFinding], storing: ModelPriceStoring) {
        self.storing = storing
        skipped = file.skipped
        for entry in file.refused { refuse(line: entry.line, entry.name, entry.reason + ".") }
        for (entry, finding) in zip(file.entries, findings) {
            switch finding {
            case .new(let price): new.append("\(price.model): \(price.rates)")
            case .changed(let old, let price): changed.append("\(price.model): \(old.rates) -> \(price.rates)")
            case .unchanged: unchanged += 1
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
        return
            (new.map { "new: \($0)" } + changed.map { "changed: \($0)" } + reasons + counts.map { "\($0.0): \($0.1)" }
            + ["skipped: \(skipped.count)\(skippedNames)", "stored: \(stored)\(whyNot)"]).joined(separator: "\n")
    }

    private var skippedNames: String {
        guard !skipped.isEmpty else { return "" }
        let more = skipped.count > Self.shown ? ", …" : ""
        return " (" + skipped.prefix(Self.shown).map { Self.shown($0) }.joined(separator: ", ") + more + ")"
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

extension ModelPrice {
    fileprivate var rates: String { "\(inputPerMillion.text) in, \(outputPerMillion.text) out" }
}
