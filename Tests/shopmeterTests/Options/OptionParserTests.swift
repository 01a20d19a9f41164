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
