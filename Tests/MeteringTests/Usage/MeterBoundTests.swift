import Support
import Testing

@testable import Metering

/// Plans come and go, and the account's meters stay bounded.
struct MeterBoundTests {
    private static func wide(_ name: String) -> Plan {
        var plan = plan(name, tokens: 100)
        for index in 1..<Plan.maximumMetersOfAKind { plan.allowances[Meter(stored: "\(name).a\(index)")] = .of(10) }
        plan.plainMeters = Set((0..<Plan.maximumMetersOfAKind).map { Meter(stored: "\(name).p\($0)") })
        return plan
    }

    @Test func `Of many plans in a row only meters with something left stay beside those of the last`() throws {
        var account = account(Self.wide("p0"))
        let (kept, now) = (Meter(stored: "p0.a1"), account.period.start)
        _ = try account.purchase(purchase(5, of: kept), as: PurchaseID(stored: "b"), at: now)
        for index in 1...50 {
            let plan = Self.wide("p\(index)")
            #expect(account.fits(plan))
            account.adopt(plan, subscription: nil)
            #expect(
                plan.meters.allSatisfy { meter in account.meters.contains { $0.meter == meter && $0.limit == plan.terms(of: meter).limit } }
            )
            #expect(account.meters.count <= Account.maximumMeters && account.meters.first?.meter == .tokens)
        }
        #expect(account.balance(of: kept).purchased == 5 && account.balance(of: kept).limit == .of(0))
    }

    @Test func `A plan does not fit where more meters than the bound would have something left`() throws {
        var account = account(Self.wide("p0"))
        let now = account.period.start
        for index in 0..<4 {
            let plan = Self.wide("p\(index)")
            account.adopt(plan, subscription: nil)
            for meter in plan.meters where account.meters.contains(where: { $0.meter == meter }) {
                _ = try account.purchase(purchase(1, of: meter), as: PurchaseID(stored: "b"), at: now)
            }
        }
        #expect(account.meters.count == Account.meterBound && !account.fits(Self.wide("p5")) && account.fits(plan("small", tokens: 1)))
        let before = account.meters.map(\.purchased)
        account.adopt(Self.wide("p5"), subscription: nil)
        #expect(account.meters.count == Account.meterBound && account.meters.map(\.purchased) == before, "nothing is lost")
    }

    @Test func `Whatever plans come, no balance with something left is lost, and the bound holds`() async throws {
        var random = SplitMix(seed: 7)
        var account = account(Self.wide("p0"))
        for round in 0..<300 {
            await Task.yield()
            account.adopt(Self.wide("p\(Int.random(in: 0..<40, using: &random))"), subscription: nil)
            if let meter = account.meters.randomElement(using: &random)?.meter {
                let content = UsageContent(meter: meter, amount: 1)
                _ = try account.record(content, at: account.period.start, enforce: false)
            }
            if round % 7 == 0 {
                _ = try account.purchase(
                    purchase(1, of: account.meters[account.meters.count - 1].meter), as: PurchaseID(stored: "b"), at: account.period.start)
            }
            let full = account.meters.filter { $0.used != 0 || $0.rollover != 0 || $0.purchased != 0 }
            account.adopt(plan("small", tokens: 1), subscription: nil)
            #expect(full.allSatisfy { balance in account.balance(of: balance.meter).used == balance.used })
            #expect(full.allSatisfy { balance in account.balance(of: balance.meter).purchased == balance.purchased })
            #expect(account.meters.count <= Account.meterBound)
        }
    }
}
