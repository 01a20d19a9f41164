/// A value that a flag or an environment variable may give. The flag wins; an empty variable counts as not set.
struct Setting<Value: Sendable>: Sendable {
    let variable: String
    /// Without its dashes; nil for a setting that only the environment gives.
    var flag: String?
    /// Returns nil for a wrong value.
    let parse: @Sendable (String) -> Value?
    /// What the error says of a wrong value, behind the setting's name.
    let complaint: @Sendable (String) -> String

    /// The value of the flag, else of the variable; nil when neither is given.
    func read(_ invocation: Invocation) throws(UsageError) -> Value? {
        if let flag, let text = invocation.arguments[flag] { return try value(of: text, from: "--\(flag) (\(variable))") }
        guard let text = invocation.environment[variable], !text.isEmpty else { return nil }
        return try value(of: text, from: variable)
    }

    /// The value of the flag alone, for an option without a variable; nil when it is not given.
    func option(of arguments: Arguments) throws(UsageError) -> Value? {
        guard let flag, let text = arguments[flag] else { return nil }
        return try value(of: text, from: "--\(flag)")
    }

    private func value(of text: String, from source: String) throws(UsageError) -> Value {
        guard let value = parse(text) else { throw UsageError("\(source) \(complaint(text)).") }
        return value
    }
}

extension Setting {
    /// The variable of a flag: `SHOPMETER_DATA_DIR` for `data-dir`.
    static func variable(_ flag: String) -> String where Value == Never { "SHOPMETER_" + flag.uppercased().replacing("-", with: "_") }

    init(_ flag: String, expected: String, parse: @escaping @Sendable (String) -> Value?) {
        self.init(variable: Setting<Never>.variable(flag), flag: flag, expected: expected, parse: parse)
    }

    init(variable: String, flag: String? = nil, expected: String, parse: @escaping @Sendable (String) -> Value?) {
        self.init(variable: variable, flag: flag, parse: parse) { "is \"\($0)\"; expected \(expected)" }
    }

    /// A secret setting, which is never shown: its error names the first of the rules that is broken.
    init(
        variable: String, flag: String? = nil, rules: [SecretRule], parse: @escaping @Sendable (String) -> Value?
    ) {
        let kept: @Sendable (String) -> Value? = { text in rules.allSatisfy { $0.holds(text) } ? parse(text) : nil }
        self.init(variable: variable, flag: flag, parse: kept) { text in
            "is wrong (it is a secret, and not shown); expected \(rules.first { !$0.holds(text) }?.sentence ?? "")"
        }
    }
}

extension Setting where Value == Int64 {
    static func integer(_ flag: String, in range: ClosedRange<Int64>) -> Setting {
        Setting(flag, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)") { Self.digits($0, in: range) }
    }

    /// The number that the ASCII digits of `text` write; nil with a sign or a space, or outside of `range`.
    static func digits(_ text: String, in range: ClosedRange<Int64>) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let value = Int64(text),
            range.contains(value)
        else { return nil }
        return value
    }
}

/// A setting whose value's type is not of interest.
struct AnySetting: Sendable {
    let variable: String
    /// What is wrong with the value that is given; nil when nothing is.
    let problem: @Sendable (Invocation) -> UsageError?

    init<Value>(_ setting: Setting<Value>) {
        variable = setting.variable
        problem = { invocation in
            do throws(UsageError) {
                _ = try setting.read(invocation)
                return nil
            } catch {
                return error
            }
        }
    }
}
