import Testing

@testable import Metering

@Suite struct UsageAnalyticsTests {
    let now = time("2026-11-20T12:00:00Z")

    @Test(
        arguments: [
            ([], "stable"), ([1, 2, 3, 4, 5], "stable"), ([10, 10, 10, 11, 11, 11], "stable"), ([10, 10, 10, 11, 11, 12], "increasing"),
            ([10, 10, 10, 9, 9, 9], "stable"), ([10, 10, 10, 9, 9, 8], "decreasing"), ([99, 0, 0, 0, 1, 1, 1], "increasing"),
        ] as [([Quantity], String)])
    func `The trend compares the last three days with the three before`(daily: [Quantity], trend: String) {
        #expect(UsageTrend(daily: daily).rawValue == trend)
    }

    @Test func `The mean is of the last seven entries, the projection is that over the period's days`() throws {
        var account = account(plan("basic", tokens: 10_000), at: now)
        for (index, amount) in [9_999, 10, 20, 30, 40, 50, 60, 71].enumerated() {
            let day = CivilDay(number: time("2026-11-01T00:00:00Z").day.number + index).start
            _ = try account.record(UsageContent(amount: Quantity(amount)), at: day, enforce: false)
        }
        let analytics = UsageAnalytics(of: account, at: now)
        #expect(abs(analytics.averageDaily - 281.0 / 7) < 1e-9)
        #expect(analytics.projected == 1_204)
        #expect(analytics.daysRemaining == 10)
        #expect(analytics.averagePerQuery == 1_285)
    }

    @Test func `An account without use has zeros`() {
        let analytics = UsageAnalytics(of: account(plan("basic", tokens: 10), at: now), at: now)
        #expect((analytics.averageDaily, analytics.projected, analytics.averagePerQuery) == (0, 0, 0))
    }

    @Test(
        arguments: [(49, 10, []), (50, 10, [.info]), (75, 10, [.warning]), (90, 10, [.error]), (10, 3, [.info]), (95, 0, [.error, .info])]
            as [(Quantity, Int, [AlertType])])
    func `A status alerts of high use and of a period's end`(used: Quantity, days: Int, types: [AlertType]) {
        let balance = MeterBalance(meter: .tokens, limit: .of(100), used: used)
        #expect(StatusAlert.alerts(tokens: balance, daysRemaining: days).map(\.type) == types)
    }

    @Test func `The next plan up is recommended with how many times more it has`() throws {
        let catalog = [
            plan("free", tokens: 10), plan("basic", tokens: 1_000), plan("pro", tokens: 4_000), plan("enterprise", tokens: 20_000),
            plan("endless", tokens: nil),
        ]
        func advice(used: Quantity, limit: Quantity, plan: String) -> [String] {
            let balance = MeterBalance(meter: .tokens, limit: .of(limit), used: used)
            let analytics = UsageAnalytics(of: account(catalog[0], at: now), at: now)
            let present = subscription(MeteringTests.plan(plan, tokens: limit))
            return Recommendations.sentences(tokens: balance, subscription: present, analytics: analytics, catalog: catalog)
        }
        #expect(advice(used: 801, limit: 1_000, plan: "basic") == ["Upgrade to Pro: it has 4 times more tokens (4000 per period)."])
        #expect(advice(used: 3_900, limit: 4_000, plan: "pro") == ["Upgrade to Enterprise: it has 5 times more tokens (20000 per period)."])
        #expect(advice(used: 20_000, limit: 20_000, plan: "enterprise") == ["Upgrade to Endless: it has unlimited tokens."])
        #expect(advice(used: 800, limit: 1_000, plan: "basic") == [])
    }
}
