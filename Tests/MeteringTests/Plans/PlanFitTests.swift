import Testing

@testable import Metering

@Suite struct PlanFitTests {
    private static let catalog = [
        plan("free", tokens: 100), plan("basic", tokens: 1_000, fee: "9"), plan("pro", tokens: 4_000, fee: "29"),
        plan("team", tokens: 4_000, fee: "25"), plan("all", tokens: nil, fee: "99"),
    ]

    /// The advice for a user of the plan whose closed months used `used` tokens.
    private static func fit(_ name: String, used: [Quantity], catalog: [Plan] = catalog) throws -> PlanFit? {
        let present = try #require(Self.catalog.first { $0.name.rawValue == name })
        var state = BillingState(account: account(present, version: 0), subscription: nil)
        state.start(subscription(present), at: time("2026-11-10T12:00:00Z"), free: present)
        for amount in used {
            _ = try state.account.record(UsageContent(amount: amount), at: state.account.period.start, enforce: false)
            _ = state.closeDuePeriods(at: state.account.period.end, free: present)
        }
        return PlanFit(of: state.account, on: try #require(state.subscription), catalog: catalog)
    }

    @Test(
        arguments: [
            ("basic", [900, 3_000, 2_000], "team"), ("pro", [900, 800], "basic"), ("pro", [5_000, 100, 90, 80], "free"),
            ("basic", [900, 1_000], nil), ("basic", [9_000], nil), ("basic", [9_000, 10], "all"), ("team", [4_000, 4_000], nil),
            ("pro", [0, 0], nil), ("all", [100_000, 1], nil), ("free", [90, 100], nil),
        ] as [(String, [Quantity], String?)])
    func `The cheapest plan that covers the last periods is advised, if it is better than the present one`(
        present: String, used: [Quantity], advised: String?
    ) throws {
        #expect(try Self.fit(present, used: used)?.plan.name.rawValue == advised)
    }

    @Test func `A plan that is not sold, or in another currency, is no advice`() throws {
        var catalog = Self.catalog
        for index in catalog.indices where catalog[index].name.rawValue == "team" { catalog[index].isActive = false }
        for index in catalog.indices where catalog[index].name.rawValue == "pro" { catalog[index].currency = Currency(stored: "USD") }
        #expect(try Self.fit("basic", used: [3_000, 2_000], catalog: catalog)?.plan.name.rawValue == "all")
    }

    @Test func `The sentence has the numbers that it rests on`() throws {
        #expect(
            try Self.fit("basic", used: [900, 3_000, 2_000])?.sentence
                == "The last 3 periods used 900, 3000 and 2000 tokens: Team (4000 tokens, 25.00 EUR) is the cheapest plan that would have "
                + "covered each of them; Basic costs 9.00 EUR.")
    }
}
