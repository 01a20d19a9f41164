internal import Metering
internal import Service

/// What `import usage` was asked for.
struct ImportOptions: Equatable, Sendable {
    enum Users: Equatable, Sendable {
        case column(String)
        case spread(over: Int)
    }

    let shop: ShopID
    let file: String
    let timeColumn: String
    let amountColumns: [String]
    let users: Users
    let stretch: Int64
    let shift: ShopMeter.ImportShift
    let meter: Meter

    init(_ arguments: Arguments) throws(UsageError) {
        shop = try arguments.shop()
        file = try arguments.required("csv")
        timeColumn = try arguments.required("time-column")
        amountColumns = try arguments.required("amount-columns").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        users = try Self.users(arguments)
        stretch = try Setting.integer("stretch", in: 1...1_000_000).option(of: arguments) ?? 1
        shift = try Setting("shift-to", expected: "now, or an RFC 3339 time", parse: Self.shift).option(of: arguments) ?? .none
        meter = try Setting("meter", expected: IdentifierText.expectation) { Meter(rawValue: $0) }.option(of: arguments) ?? .tokens
    }

    private static func users(_ arguments: Arguments) throws(UsageError) -> Users {
        let count = try Setting.integer("users", in: ZipfUsers.range).option(of: arguments)
        switch (arguments["user-column"], count) {
        case (let column?, nil): return .column(column)
        case (nil, let count?): return .spread(over: Int(count))
        default: throw UsageError("One of --user-column and --users is needed.", hint: "shopmeter import usage --help")
        }
    }

    private static func shift(_ text: String) -> ShopMeter.ImportShift? {
        text == "now" ? .now : Timestamp(rfc3339: text).map { .to($0) }
    }

    /// What decides the events beside the file, as it is remembered with it.
    var text: String {
        let who =
            switch users {
            case .column(let name): "--user-column \(name)"
            case .spread(let count): "--users \(count)"
            }
        let base = "--time-column \(timeColumn) --amount-columns \(amountColumns.joined(separator: ",")) \(who) --meter \(meter)"
        return base + " --stretch \(stretch)" + shiftText
    }

    private var shiftText: String {
        switch shift {
        case .none: ""
        case .now: " --shift-to now"
        case .to(let time): " --shift-to \(time.rfc3339)"
        }
    }
}
