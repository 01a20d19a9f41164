/// What the doctor found out about one thing.
struct Finding: Equatable, Sendable {
    enum Grade: String, Sendable {
        case good = "ok"
        /// The service runs, but the operator should know.
        case note
        /// The service does not start, or would not work.
        case wrong = "WRONG"
    }

    let grade: Grade
    /// A sentence that names the setting, or the thing.
    let fact: String
    /// What to do; empty for what is good.
    let step: String

    static func good(_ fact: String) -> Finding { Finding(grade: .good, fact: fact, step: "") }
    static func note(_ fact: String, _ step: String) -> Finding { Finding(grade: .note, fact: fact, step: step) }
    static func wrong(_ fact: String, _ step: String) -> Finding { Finding(grade: .wrong, fact: fact, step: step) }

    /// `WRONG  the fact`, and the step on a line below it.
    var text: String {
        let mark = grade.rawValue + String(repeating: " ", count: 7 - grade.rawValue.count)
        return mark + fact + (step.isEmpty ? "" : "\n       \(step)")
    }

    /// The fact and the step as one paragraph.
    var sentence: String { step.isEmpty ? fact : "\(fact) \(step)" }
}

extension [Finding] {
    /// The first thing that keeps the service from working.
    var firstWrong: Finding? { first { $0.grade == .wrong } }
}
