internal import Web

/// Variables that look like settings of ShopMeter, and are none.
///
/// One that is nearly a setting's name is a slip, and refused. Others are only told of, as an orchestrator makes variables of a service's name
/// (`SHOPMETER_PORT_8080_TCP_ADDR`).
enum UnknownSettings {
    private static let prefixes = ["SHOPMETER_", "BILLING_LIMIT_"]

    /// The names without a meaning, sorted.
    static func names(in environment: [String: String]) -> [String] {
        let known = Set(KnownSettings.all.map(\.variable))
        return environment.keys.filter { name in prefixes.contains { name.hasPrefix($0) } && !known.contains(name) }.sorted()
    }

    /// The setting that was probably meant.
    static func guess(for name: String) -> String? { Likeness.nearest(to: name, among: KnownSettings.all.map(\.variable)) }

    /// A sentence about the name, with the nearest setting.
    static func sentence(about name: String) -> String {
        "There is no setting \(name)." + (guess(for: name).map { " Did you mean \($0)?" } ?? "")
    }

    /// Throws for the first that is nearly a setting's name.
    static func refuseSlips(in environment: [String: String]) throws(UsageError) {
        for name in names(in: environment) where guess(for: name) != nil {
            throw UsageError(sentence(about: name), hint: "shopmeter serve --help")
        }
    }
}
