import Testing

@testable import shopmeter

@Suite struct OptionParserTests {
    private static let command = Command(
        path: ["do"], summary: "Does.", operands: [Operand(name: "WHAT", help: "")],
        options: [
            Option(name: "shop", placeholder: "SHOP", help: "", isRequired: true), Option(name: "port", placeholder: "PORT", help: ""),
            Option.flag("quick", help: ""), Option(name: "admin-token", placeholder: "TOKEN", help: "", isSecret: true),
        ]
    ) { _ in 0 }

    private func parse(_ words: [String]) throws(UsageError) -> Arguments { try OptionParser(Self.command).parse(words) }

    static let lines: [([String], [String: String], [String])] = [
        (["x", "--shop", "a"], ["shop": "a"], ["x"]), (["--shop=a", "x"], ["shop": "a"], ["x"]),
        (["--shop=a=b", "x"], ["shop": "a=b"], ["x"]), (["--shop=", "x"], ["shop": ""], ["x"]),
        (["--shop=--port", "x"], ["shop": "--port"], ["x"]), (["--shop", "a", "--", "--port"], ["shop": "a"], ["--port"]),
        (["--quick", "x", "--shop", "a"], ["quick": "", "shop": "a"], ["x"]),
        (["--shop", "-", "-"], ["shop": "-"], ["-"]), (["--shop", "-1", "x", "--port", "8"], ["shop": "-1", "port": "8"], ["x"]),
    ]

    @Test(arguments: lines)
    func `Options and operands may stand in any order`(words: [String], options: [String: String], operands: [String]) throws {
        #expect(try parse(words) == Arguments(options: options, operands: operands))
    }

    static let wrongLines: [([String], String)] = [
        (["x"], "shopmeter do needs --shop SHOP."), (["--shop", "a"], "shopmeter do needs WHAT."),
        (["x", "y", "--shop", "a"], "shopmeter do does not take `y`."), (["x", "--shop"], "--shop needs a value: --shop SHOP."),
        (["x", "--shop", "--port", "1"], "--shop needs a value: --shop SHOP."),
        (["x", "--shop", "a", "--quick=1"], "--quick takes no value."), (["--shop", "a", "--quick", "--quick"], "--quick is given twice."),
        (["x", "--shop", "a", "--shop", "b"], "--shop is given twice."),
        (["x", "--ports", "1"], "shopmeter do has no option --ports. Did you mean --port?"), (["x", "-p", "1"], "There is no option -p."),
        (["x", "--colour=1"], "shopmeter do has no option --colour."), (["x", "--=1"], "shopmeter do has no option --."),
    ]

    @Test(arguments: wrongLines)
    func `A wrong line is refused in a sentence that names the option`(words: [String], sentence: String) {
        #expect(throws: UsageError(sentence, hint: "shopmeter do --help")) { try parse(words) }
    }

    @Test(arguments: [["--admin-token", "secret"], ["--admin-token=secret"]])
    func `A secret is not taken from the arguments, nor repeated`(words: [String]) {
        let error = #expect(throws: UsageError.self) { try parse(["x", "--shop", "a"] + words) }
        #expect(error?.sentence.contains("SHOPMETER_ADMIN_TOKEN") == true)
        #expect(error?.sentence.contains("secret ") == false)
    }
}

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
        (["version"], 0), ([], 0), (["--help"], 0), (["help"], 0), (["help", "keys"], 0), (["keys", "create", "-h"], 0),
        (["serve", "--port", "x", "--help"], 0), (["shops", "list", "--data-dir", "/proc/none"], 1),
    ]

    @Test(arguments: calls)
    func `The exit code tells a wrong call from a failure`(arguments: [String], code: Int32) async {
        #expect(await Program(environment: [:]).run(arguments) == code)
    }
}
