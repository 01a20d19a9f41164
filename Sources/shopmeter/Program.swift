internal import Foundation
internal import Glibc
internal import Mongo
internal import Web

@main
enum Main {
    static func main() async {
        // Writing to a reader that went away is an error of the call, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        let program = Program(environment: ProcessInfo.processInfo.environment)
        let code = await program.run(Array(CommandLine.arguments.dropFirst()))
        Database.settle()
        exit(code)
    }
}

enum Version {
    static let current = "0.1.0"
}

/// Finds the command that the arguments name, runs it, and returns the exit code.
struct Program {
    let environment: [String: String]
    var commands = Program.all

    static let all: [Command] = [
        .serve, .doctor, .health, .shopsCreate, .shopsList, .shopsRotateSecret, .keysCreate, .keysList, .keysRotate, .keysRevoke, .jobsRun,
        .audit,
        .benchRollover,
        .export, .importSubscriptions, .importUsage, .importBalances, .backup, .restore, .move, .pricesImport, .pricesList, .version,
    ]

    /// Exit codes: 0 the command did everything; 1 it failed, or a part of it; 2 the command line or a setting is wrong; 130 it was interrupted.
    func run(_ arguments: [String]) async -> Int32 {
        do {
            if let page = try help(for: arguments) {
                Console.print(page)
                return 0
            }
            let (command, rest) = try find(arguments)
            let parsed = try OptionParser(command).parse(rest)
            return try await command.run(Invocation(arguments: parsed, environment: environment))
        } catch let error as UsageError {
            Console.complain(error.description)
            return 2
        } catch is CancellationError {
            Console.complain("Interrupted; what was done until now stays.")
            return 130
        } catch let error as Failure {
            Console.complain(error.description)
            return 1
        } catch {
            Console.complain(Failure(error).description)
            return 1
        }
    }

    /// The page that `--help`, `-h`, `help` or an empty command line asks for; nil when the arguments ask for none.
    private func help(for arguments: [String]) throws(UsageError) -> String? {
        let words = arguments.prefix { !$0.hasPrefix("-") }
        let asks = arguments.prefix { $0 != "--" }.contains { $0 == "--help" || $0 == "-h" } || words.first == "help"
        guard asks || words.isEmpty && arguments.isEmpty else { return nil }
        let named = words.first == "help" ? Array(words.dropFirst()) : Array(words)
        if named.isEmpty { return HelpPage.overview(of: commands) }
        if let command = command(named) { return HelpPage.page(of: command) }
        let group = commands.filter { $0.path.first == named[0] }
        guard !group.isEmpty else { throw unknown(named[0]) }
        return HelpPage.overview(of: group)
    }

    /// The command and the arguments behind its words.
    private func find(_ arguments: [String]) throws(UsageError) -> (Command, [String]) {
        if arguments == ["--version"] { return (.version, []) }
        if let command = command(arguments) { return (command, Array(arguments.dropFirst(command.path.count))) }
        guard let first = arguments.first, !first.hasPrefix("-") else {
            throw UsageError("The first argument must be a command.", hint: "shopmeter --help")
        }
        let group = commands.filter { $0.path.first == first }
        guard !group.isEmpty else { throw unknown(first) }
        let choices = group.map { $0.path.dropFirst().joined(separator: " ") }.joined(separator: ", ")
        throw UsageError("`shopmeter \(first)` needs one of: \(choices).", hint: "shopmeter \(first) --help")
    }

    private func command(_ words: [String]) -> Command? { commands.first { words.starts(with: $0.path) } }

    private func unknown(_ word: String) -> UsageError {
        let guess = Likeness.nearest(to: word, among: commands.map { $0.path[0] }).map { " Did you mean \($0)?" } ?? ""
        return UsageError("There is no command `\(word)`.\(guess)", hint: "shopmeter --help")
    }
}

extension Command {
    static let version = Command(path: ["version"], summary: "Prints the version.", examples: ["shopmeter version"]) { _ in
        Console.print("shopmeter \(Version.current)")
        return 0
    }
}
