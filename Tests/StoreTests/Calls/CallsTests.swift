import BSON
import Metering
import Mongo
import Support
import Testing

@testable import Store

@Suite struct CallsTests {
    private let acme = Tenant(shop: ShopID(stored: "acme"))
    private let rival = Tenant(shop: ShopID(stored: "rival"))

    private func call(_ id: String, by user: String = "u", day: Int = 0, isPaid: Bool = true) throws -> RecordedCall {
        let use = ModelUse(
            tokens: [.input: 600, .output: 300, .cacheRead: 400, .reasoning: 200], thousandths: [.second: 1_500], tier: .batch)
        let content = CallContent(
            charge: ChargeContent(user: UserID(stored: user), project: ProjectID(stored: "p"), model: ModelName(stored: "m"), use: use),
            provider: "azure", meter: Meter(stored: "words"), hold: ReservationID(stored: "h"), dimensions: ["a.b": "x", "$c": "é"])
        let five = try #require(Money("5"))
        let prices = UsePrices(
            model: ModelName(stored: "azure/m"),
            classes: [
                ClassPrice(.input, perMillion: five, tier: .batch, above: 1_000), ClassPrice(.output, perMillion: five),
                ClassPrice(.cacheRead, perMillion: .zero), ClassPrice(.reasoning, perMillion: five, fallback: .output),
            ], units: [.second: five], markupPercent: five, currency: Currency(stored: "EUR"), effectiveFrom: start)
        let charge = Charge(id: ChargeID(stored: id), content: content.charge, prices: prices, cost: prices.cost(of: use))
        let payment = CallPayment(
            owner: .project(ProjectID(stored: "p")), source: .project, fromQuota: .zero, fromBalance: charge.cost, balance: five)
        return RecordedCall(
            id: CallID(stored: id), content: content, charge: charge, payment: isPaid ? payment : nil, usage: #"{"$where": 1}"#,
            at: start.adding(days: day))
    }

    private func insert(_ calls: [RecordedCall], _ tenant: Tenant, _ store: MeterStore) throws {
        let keyed = Dictionary(uniqueKeysWithValues: calls.map { (CallKey(tenant: tenant, id: $0.id), $0) })
        try store.blockingTransaction { try Calls.insert(keyed, in: $0) }
    }

    @Test func `A call is read as it was stored, once for its id, and in its shop alone`() async throws {
        try await withStore { store in
            let calls = [try call("c"), try call("d", isPaid: false)]
            try insert(calls, acme, store)
            let keys = Set([acme, rival].flatMap { tenant in calls.map { CallKey(tenant: tenant, id: $0.id) } })
            let found = try store.blockingRead { try Calls.find(keys, $0) }
            #expect(found == Dictionary(uniqueKeysWithValues: calls.map { (CallKey(tenant: acme, id: $0.id), $0) }))
            let taken = #expect(throws: StoreError.self) { try insert([try call("c", by: "another")], acme, store) }
            #expect(taken?.kind == .duplicate)
            try insert([try call("c", by: "another")], rival, store)
        }
    }

    @Test func `Calls are listed from the newest, of a user and of a time`() async throws {
        try await withStore { store in
            try insert([try call("a"), try call("b", day: 1), try call("c", by: "v", day: 1), try call("d", day: 2)], acme, store)
            try insert([try call("e")], rival, store)
            func ids(_ user: String?, _ range: TimeRange = TimeRange(), after key: TimedKey<CallID>? = nil) throws -> [String] {
                let list = CallList(of: user.map(UserID.init(stored:)), in: range)
                return try store.blockingRead { try list.page(of: acme, after: key, limit: 10, $0) }.map(\.id.rawValue)
            }
            #expect(try ids(nil) == ["d", "c", "b", "a"] && ids("u") == ["d", "b", "a"])
            #expect(try ids(nil, TimeRange(from: start.adding(days: 1), to: start.adding(days: 2))) == ["c", "b"])
            #expect(try ids(nil, after: TimedKey(at: start.adding(days: 1), id: CallID(stored: "c"))) == ["b", "a"])
        }
    }
}
