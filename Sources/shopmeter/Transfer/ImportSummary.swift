internal import Metering

/// What an import of a CSV file did.
struct ImportSummary: Equatable, Sendable {
    /// The most rejected rows that are shown one by one.
    static let shown = 20

    private(set) var rows = 0
    private(set) var recorded = 0
    private(set) var duplicates = 0
    private(set) var rejected = 0
    /// The sum of the amounts of the recorded rows and the duplicates; nil when the rows have no amount.
    private(set) var amount: Int128?
    /// How many rows were rejected for each reason.
    private var reasons: [String: Int] = [:]
    /// The rejected rows that are shown.
    private var lines: [(line: Int, reason: String)] = []

    /// Counts a row that is in the database now.
    /// - Parameter isDuplicate: whether it was there before.
    mutating func add(isDuplicate: Bool, amount: Quantity? = nil) {
        rows += 1
        if isDuplicate { duplicates += 1 } else { recorded += 1 }
        if let amount { self.amount = (self.amount ?? 0) + Int128(amount) }
    }

    /// Counts a row that cannot be imported.
    mutating func reject(line: Int, reason: String) {
        rows += 1
        rejected += 1
        reasons[reason, default: 0] += 1
        if lines.count < Self.shown { lines.append((line, reason)) }
    }

    /// The summary as the command prints it, one fact a line.
    var text: String {
        let counts = [("rows", "\(rows)"), ("recorded", "\(recorded)"), ("duplicates", "\(duplicates)"), ("rejected", "\(rejected)")]
        let table = (counts + (amount.map { [("amount", "\($0)")] } ?? [])).map { "\($0.0): \($0.1)" }
        let why = reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "rejected, \($0.value) times: \($0.key)" }
        let examples = lines.sorted { $0.line < $1.line }.map { "line \($0.line): \($0.reason)" }
        return (table + why + examples).joined(separator: "\n")
    }

    static func == (left: ImportSummary, right: ImportSummary) -> Bool { left.text == right.text }
}
