/// A command of the program: the arguments it takes, its help page, and the code that runs.
struct Command: Sendable {
    /// The words that call it: `["shops", "create"]`.
    let path: [String]
    /// One line for the list of commands.
    let summary: String
    var operands: [Operand] = []
    var options: [Option] = []
    /// The paragraphs of the help page after the options.
    var details = ""
    /// Command lines that work as they stand.
    var examples: [String] = []
    /// Returns the exit code.
    let run: @Sendable (Invocation) async throws -> Int32

    var name: String { (["shopmeter"] + path).joined(separator: " ") }
}

/// A word on the command line that belongs to no option, known by its position.
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
    /// Whether the value is a secret. It is then refused on the command line, which every user of the machine can read.
    var isSecret = false

    /// An option without a value: it is given or not.
    static func flag(_ name: String, help: String) -> Option { Option(name: name, placeholder: "", help: help) }

    var isFlag: Bool { placeholder.isEmpty }
    /// How the help page writes it: `--port PORT`.
    var usage: String { isFlag ? "--\(name)" : "--\(name) \(placeholder)" }
}

/// One call of a command: its parsed arguments and the environment.
struct Invocation: Sendable {
    let arguments: Arguments
    let environment: [String: String]
}

/// The parsed words of a command line.
struct Arguments: Equatable, Sendable {
    /// The values by the names of the options, without dashes; a flag's value is empty.
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
