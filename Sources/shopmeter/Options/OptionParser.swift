internal import Web

/// Parses a command's arguments: `--name value`, `--name=value`, flags, operands by their position, and `--`, after which every word is an
/// operand.
struct OptionParser {
    private let command: Command
    private var hint: String { "\(command.name) --help" }

    init(_ command: Command) { self.command = command }

    func parse(_ words: [String]) throws(UsageError) -> Arguments {
        var arguments = Arguments()
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                arguments.operands += rest
                break
            }
            if word.hasPrefix("--") {
                try take(word.dropFirst(2), &rest, into: &arguments)
            } else if word.hasPrefix("-"), word.count > 1 {
                throw UsageError("There is no option \(word).", hint: hint)
            } else {
                arguments.operands.append(word)
            }
        }
        try check(arguments)
        return arguments
    }

    /// Takes one option.
    /// - Parameters:
    ///   - word: `name` or `name=value`, without the dashes.
    ///   - rest: the words behind it, of which the first may be the value.
    private func take(_ word: Substring, _ rest: inout ArraySlice<String>, into arguments: inout Arguments) throws(UsageError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard let option = command.options.first(where: { $0.name == name }) else { throw unknown(name) }
        guard !option.isSecret else {
            throw UsageError(
                "--\(name) is not taken, as every user of the machine can read arguments; set \(Setting<Never>.variable(name)) instead.",
                hint: hint)
        }
        guard arguments[name] == nil else { throw UsageError("--\(name) is given twice.", hint: hint) }
        if option.isFlag {
            guard parts.count == 1 else { throw UsageError("--\(name) takes no value.", hint: hint) }
            arguments.options[name] = ""
            return
        }
        guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst(), parts.count == 2 || !value.hasPrefix("--") else {
            throw UsageError("--\(name) needs a value: --\(name) \(option.placeholder).", hint: hint)
        }
        arguments.options[name] = value
    }

    private func unknown(_ name: String) -> UsageError {
        let guess = Likeness.nearest(to: name, among: command.options.map(\.name)).map { " Did you mean --\($0)?" } ?? ""
        return UsageError("\(command.name) has no option --\(name).\(guess)", hint: hint)
    }

    /// Throws when a required option or an operand is missing, or there are too many operands.
    private func check(_ arguments: Arguments) throws(UsageError) {
        for option in command.options where option.isRequired && arguments[option.name] == nil {
            throw UsageError("\(command.name) needs --\(option.name) \(option.placeholder).", hint: hint)
        }
        let expected = command.operands.count
        if arguments.operands.count < expected {
            throw UsageError("\(command.name) needs \(command.operands[arguments.operands.count].name).", hint: hint)
        }
        if arguments.operands.count > expected {
            throw UsageError("\(command.name) does not take `\(arguments.operands[expected])`.", hint: hint)
        }
    }
}
