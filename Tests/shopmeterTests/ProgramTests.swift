import Testing

@testable import shopmeter

@Suite struct ProgramTests {
    @Test(arguments: Program.all.map(\.name))
    func `Every command explains its options, and its examples can be parsed`(name: String) throws {
        let command = try #require(Program.all.first { $0.name == name })
        let page = HelpPage.page(of: command)
        for option in command.options where !option.isSecret { #expect(page.contains("--\(option.name) \(option.placeholder)")) }
        #expect(!page.contains("--admin-token"))
        #expect(!command.examples.isEmpty)
        for example in command.examples {
            let words = example.replacing("\\\n", with: " ").replacing("'", with: "").split(separator: " ").map(String.init)
            let line = words.drop { $0 != "shopmeter" }.dropFirst().prefix { $0 != "|" }
            #expect(Array(line.prefix(command.path.count)) == command.path)
            let rest = line.dropFirst(command.path.count).filter { $0 != "Ltd" }
            #expect(throws: Never.self) { try OptionParser(command).parse(rest) }
        }
    }

    static let calls: [([String], Int32)] = [
        (["nonsense"], 2), (["shops"], 2), (["shops", "erase"], 2), (["--shop", "a"], 2), (["help", "nonsense"], 2),
        (["version", "x"], 2), (["jobs", "run", "nonsense"], 2), (["shops", "create", "--shop", "a b"], 2),
        (["keys", "create", "--shop", "a", "--scopes", "read,"], 2),
        (["export", "--shop", "a", "--collection", "x", "--format", "csv"], 2),
        (["serve", "--port", "x"], 2),
        (["import", "usage", "--shop", "a", "--csv", "f", "--time-column", "t", "--amount-columns", "a"], 2),
        (["backup"], 2), (["restore"], 2), (["backup", "x", "--shop", "a b"], 2),
        (["import", "balances", "--shop", "a", "--csv", "f", "--decimal", "x"], 2), (["move", "--shop", "a"], 2),
        (["move", "--shop", "a", "--to", "/proc/none", "--from", "/proc/none"], 1),
        (["--version"], 0), (["--versoin"], 2), (["serve", "--pord", "1"], 2), (["version"], 0), ([], 0), (["--help"], 0), (["help"], 0),
        (["help", "keys"], 0), (["keys", "create", "-h"], 0),
        (["serve", "--port", "x", "--help"], 0), (["shops", "list", "--data-dir", "/proc/none"], 1),
    ]

    @Test(arguments: calls)
    func `The exit code tells a wrong call from a failure`(arguments: [String], code: Int32) async {
        #expect(await Program(environment: [:]).run(arguments) == code)
    }
}
