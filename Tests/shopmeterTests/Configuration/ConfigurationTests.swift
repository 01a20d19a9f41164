import Metering
import Service
import Testing

@testable import shopmeter

@Suite struct ConfigurationTests {
    private func configuration(_ environment: [String: String], _ options: [String: String] = [:]) throws(UsageError) -> Configuration {
        try Configuration(Invocation(arguments: Arguments(options: options), environment: environment))
    }

    @Test func `Without settings, the defaults of the interface hold`() throws {
        let configuration = try configuration([:])
        #expect([configuration.host, configuration.database, configuration.dataDirectory] == ["127.0.0.1", "shopmeter", "./data"])
        #expect(configuration.port == 8080 && configuration.tickSeconds == 10 && configuration.logLevel == .info)
        #expect(configuration.mongodbURI == nil && configuration.adminToken == nil)
        #expect(configuration.freeLimits == Settings.defaultFreeLimits)
    }

    @Test func `A flag wins over its variable, and an empty variable counts as not set`() throws {
        #expect(try configuration(["SHOPMETER_PORT": "1"], ["port": "2"]).port == 2)
        #expect(try configuration(["SHOPMETER_PORT": ""]).port == 8080)
        #expect(try configuration(["SHOPMETER_MONGODB_URI": ""]).mongodbURI == nil)
        #expect(try configuration(["SHOPMETER_DATA_DIR": "/a"], ["data-dir": "/b"]).dataDirectory == "/b")
    }

    @Test func `Both ends of each range are taken`() throws {
        #expect(try configuration(["SHOPMETER_PORT": "0"]).port == 0)
        #expect(try configuration(["SHOPMETER_PORT": "65535"]).port == 65_535)
        #expect(try configuration(["SHOPMETER_TICK_SECONDS": "3600"]).tickSeconds == 3_600)
        #expect(try configuration(["SHOPMETER_MAX_CONNECTIONS_PER_ADDRESS": "7"]).maxConnectionsPerAddress == 7)
        #expect(try configuration(["SHOPMETER_INVOICE_DUE_DAYS": "0"]).settings(adminToken: Secret("")).invoiceDueDays == 0)
        #expect(try configuration(["SHOPMETER_INVOICE_DUE_DAYS": "365"]).invoiceDueDays == 365)
        #expect(try configuration(["SHOPMETER_LOG_LEVEL": "debug"]).logLevel == .debug)
        #expect(try configuration(["SHOPMETER_ADMIN_TOKEN": "0123456789abcdef"]).adminToken?.revealed == "0123456789abcdef")
    }

    @Test func `The limits of requests come from the environment, one by one, and can be off`() throws {
        #expect(try configuration([:]).settings(adminToken: Secret("")).rateLimits == .defaults)
        let limits = try configuration([
            "SHOPMETER_RATE_LIMIT_USAGE": "100", "SHOPMETER_RATE_LIMIT_EXPORT": "5:9", "SHOPMETER_RATE_LIMIT_READ": "off",
            "SHOPMETER_RATE_LIMIT_END_USER": "off", "SHOPMETER_RATE_LIMIT_FAILURES": "7",
        ]).settings(adminToken: Secret("")).rateLimits
        #expect(limits.shop[.usage] == RateLimit(perSecond: 100, burst: 200) && limits.shop[.export] == RateLimit(perSecond: 5, burst: 9))
        #expect(limits.shop[.read] == nil && limits.shop[.billing] == RateLimits.defaults.shop[.billing])
        #expect(limits.endUser == nil && limits.failures?.perSecond == 7)
        for wrong in ["0", "1:", ":1", "1:0", "1:2:3", "1000001", "OFF", "-1", "1.5"] {
            #expect(throws: UsageError.self) { try configuration(["SHOPMETER_RATE_LIMIT_USAGE": wrong]) }
        }
    }

    @Test func `The free plan's limits come from the environment, one by one`() throws {
        let limits = try configuration(["BILLING_LIMIT_FREE_TOKENS": "0", "BILLING_LIMIT_PRO_TOKENS": "7"]).freeLimits
        #expect(limits[.tokens] == .of(0))
        #expect(limits[Meter(stored: "api_calls")] == Settings.defaultFreeLimits[Meter(stored: "api_calls")])
        #expect(try configuration(["BILLING_LIMIT_FREE_TOKENS": "unlimited"]).freeLimits[.tokens] == .unlimited)
    }

    @Test func `The limits of consumption are those that are set, by plan`() throws {
        #expect(try configuration([:]).settings(adminToken: Secret("")).billingLimits == Settings.defaultBillingLimits)
        let set = try configuration([
            "BILLING_LIMIT_FREE_API_CALLS": "1", "BILLING_LIMIT_PREMIUM_TOKENS": "unlimited", "BILLING_LIMIT_PRO_TOKENS": "2",
            "BILLING_LIMIT_PRO_API_CALLS": "3", "BILLING_LIMIT_PREMIUM_API_CALLS": "",
        ])
        #expect(
            set.settings(adminToken: Secret("")).billingLimits == [
                .free: [.apiCalls: .of(1), .tokens: .of(100_000)],
                PlanName(stored: "premium"): [.tokens: .unlimited, .apiCalls: .of(3_000)],
                PlanName(stored: "pro"): [.tokens: .of(2), .apiCalls: .of(3)],
            ])
    }

    static let wrongValues: [(String, String, String)] = [
        ("SHOPMETER_PORT", "65536", "0 to 65535"), ("SHOPMETER_PORT", "-1", "0 to 65535"), ("SHOPMETER_PORT", "+80", "0 to 65535"),
        ("SHOPMETER_PORT", "80 ", "0 to 65535"), ("SHOPMETER_PORT", "٨٠", "0 to 65535"), ("SHOPMETER_TICK_SECONDS", "0", "1 to 3600"),
        ("SHOPMETER_DRAIN_SECONDS", "301", "0 to 300"), ("SHOPMETER_TICK_SECONDS", "3601", "1 to 3600"),
        ("SHOPMETER_TICK_SECONDS", "1.5", "1 to 3600"),
        ("SHOPMETER_INVOICE_DUE_DAYS", "366", "0 to 365"),
        ("SHOPMETER_LOG_LEVEL", "INFO", "debug, info, warning, error"), ("SHOPMETER_MONGODB_URI", "localhost:27017", "mongodb://"),
        ("SHOPMETER_DATABASE", "a.b", "1 to 63"), ("SHOPMETER_DATABASE", String(repeating: "a", count: 64), "1 to 63"),
        ("SHOPMETER_ADMIN_TOKEN", "short", "at least 16"), ("SHOPMETER_ADMIN_TOKEN", "has a space in the middle", "only the characters"),
        ("SHOPMETER_MONGODB_URI", "mongodb://user:pass:word@host", "in a user and a password"),
        ("SHOPMETER_DATABASE", "admin", "not admin"), ("SHOPMETER_DATABASE", "Config", "not admin"),
        ("SHOPMETER_DATABASE", "local", "not admin"),
        ("SHOPMETER_HOST", "a b", "address"), ("BILLING_LIMIT_FREE_TOKENS", "-1", "0 to 9007199254740991"),
        ("BILLING_LIMIT_FREE_API_CALLS", "9007199254740992", "or unlimited"), ("BILLING_LIMIT_PREMIUM_TOKENS", "many", "or unlimited"),
        ("BILLING_LIMIT_PRO_API_CALLS", "1e6", "or unlimited"),
    ]

    @Test(arguments: wrongValues)
    func `A wrong value is refused in a sentence that names the variable and what it takes`(variable: String, value: String, range: String)
    {
        let error = #expect(throws: UsageError.self) { try configuration([variable: value]) }
        #expect(error?.sentence.hasPrefix(variable) == true)
        #expect(error?.sentence.contains(range) == true)
    }

    @Test func `A wrong flag is named with its variable`() {
        let error = #expect(throws: UsageError.self) { try configuration([:], ["port": "x"]) }
        #expect(error?.sentence == "--port (SHOPMETER_PORT) is \"x\"; expected a whole number from 0 to 65535.")
    }

    @Test(arguments: [
        ("SHOPMETER_ENFORCMENT", "SHOPMETER_ENFORCEMENT"), ("SHOPMETER_PROT", "SHOPMETER_PORT"),
        ("BILLING_LIMIT_FREE_TOKEN", "BILLING_LIMIT_FREE_TOKENS"),
    ])
    func `A slip in a variable's name is refused with the name that was meant`(slip: String, meant: String) {
        let error = #expect(throws: UsageError.self) { try configuration([slip: "off"]) }
        #expect(error?.sentence == "There is no setting \(slip). Did you mean \(meant)?")
    }

    @Test func `Other variables of the program's prefix are told of, and stop nothing`() throws {
        let environment = ["SHOPMETER_SERVICE_PORT_HTTP": "80", "SHOPMETER_PORT": "81", "PATH": "/"]
        #expect(try configuration(environment).port == 81)
        #expect(UnknownSettings.names(in: environment) == ["SHOPMETER_SERVICE_PORT_HTTP"])
    }

    @Test func `Every setting that the configuration reads is in the list of all`() throws {
        for setting in KnownSettings.all {
            // A text that no setting takes.
            let error = #expect(throws: UsageError.self) { try configuration([setting.variable: "\u{1}\0"]) }
            #expect(error?.sentence.hasPrefix(setting.variable) == true)
        }
        let flags = (Option.serving + Option.database).map { Setting<Never>.variable($0.name) }
        #expect(Set(flags).isSubset(of: KnownSettings.all.map(\.variable)))
    }

    @Test func `A secret prints as one, however it is printed`() throws {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(["a": secret], to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), String(describing: Optional(secret)), dumped] {
            #expect(!text.contains("hunter2"))
        }
    }
}
