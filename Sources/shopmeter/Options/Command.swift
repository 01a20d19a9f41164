/// One thing that the program does: what it takes, how it is explained, and what runs.
struct Command: Sendable {
    /// Its words: `["shops", "create"]`.
    let path: [String]
    /// One line.
    let summary: String
    var operands: [Operand] = []
    var options: [Option] = []
    /// Paragraphs of the help page, after the options.
    var details = ""
    /// Command lines that work as they stand.
    var examples: [String] = []
    /// Returns the exit code.
    let run: @Sendable (Invocation) async throws -> Int32

    var name: String { (["shopmeter"] + path).joined(separator: " ") }
}

/// A word that is not an option, by its place.
struct Operand: Sendable {
    let name: String
    let help: String
}

/// `--name VALUE`, or `--name` alone.
struct Option: Sendable {
    let name: String
    let placeholder: String
    let help: String
    var isRequired = false
    /// Whether its value is a secret, which has no place among arguments that every user of the machine can read.
    var isSecret = false

    /// Without a value: it is given or not.
    static func flag(_ name: String, help: String) -> Option { Option(name: name, placeholder: "", help: help) }

    var isFlag: Bool { placeholder.isEmpty }
    /// As it is written.
    var usage: String { isFlag ? "--\(name)" : "--\(name) \(placeholder)" }
}

/// A command's arguments, parsed, with the environment that stands behind them.
struct Invocation: Sendable {
    let arguments: Arguments
    let environment: [String: String]
}

struct Arguments: Equatable, Sendable {
    var options: [String: String] = [:]
    var operands: [String] = []

    subscript(option: String) -> String? { options[option] }

    func has(flag: String) -> Bool { options[flag] != nil }

    /// The value of an option that the parser required.
    func required(_ option: String) throws(UsageError) -> String {
        guard let value = options[option] else { throw UsageError("The option --\(option) is needed.") }
        return value
    }
}
