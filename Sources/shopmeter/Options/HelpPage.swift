/// The texts that `--help` prints.
enum HelpPage {
    static func overview(of commands: [Command]) -> String {
        """
        ShopMeter: plans, subscriptions and token usage of many shops, on MongoDB.

        Usage: shopmeter COMMAND [OPTIONS]

        Commands:
        \(table(commands.map { ($0.path.joined(separator: " "), $0.summary) }))

        `shopmeter COMMAND --help` explains a command. Options can stand in the environment too: --data-dir is SHOPMETER_DATA_DIR.
        """
    }

    static func page(of command: Command) -> String {
        var parts = [command.summary, "Usage: \(usage(command))"]
        if !command.operands.isEmpty { parts.append(table(command.operands.map { ($0.name, $0.help) })) }
        let options = command.options.filter { !$0.isSecret }
        if !options.isEmpty { parts.append("Options:\n" + table(options.map { ($0.usage, $0.help) })) }
        if !command.details.isEmpty { parts.append(command.details) }
        if !command.examples.isEmpty {
            parts.append("Examples:\n" + command.examples.map { "  \($0)" }.joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n")
    }

    private static func usage(_ command: Command) -> String {
        let operands = command.operands.map { " \($0.name)" }.joined()
        let required = command.options.filter(\.isRequired).map { " \($0.usage)" }.joined()
        let hasMore = command.options.contains { !$0.isRequired }
        return command.name + operands + required + (hasMore ? " [OPTIONS]" : "")
    }

    /// Two columns. A left cell wider than its column stands on a line of its own.
    private static func table(_ rows: [(String, String)]) -> String {
        let width = min(30, rows.map(\.0.count).max() ?? 0)
        return rows.map { left, right in
            let gap = left.count > width ? "\n" + spaces(width + 4) : spaces(width - left.count + 2)
            return "  " + left + gap + right
        }.joined(separator: "\n")
    }

    private static func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }
}
