import BSON
import Metering
import Mongo
import Support
import Testing

@testable import Store

@Suite struct ModelPricesTests {
    private let acme = Tenant(shop: ShopID(stored: "acme"))
    private let rival = Tenant(shop: ShopID(stored: "rival"))

    private func price(_ model: String, _ input: String, day: Int = 0) throws -> ModelPrice {
        ModelPrice(
            model: ModelName(stored: model), inputPerMillion: try #require(Money(input)), outputPerMillion: .zero,
            currency: Currency(stored: "EUR"), effectiveFrom: start.adding(days: day))
    }

    private func put(_ prices: [ModelPrice], _ tenant: Tenant, _ store: MeterStore) throws {
        try store.blockingTransaction { try ModelPrices.put(prices, of: tenant, in: $0) }
    }

    @Test func `The price in force is the last that began, at its first millisecond already`() async throws {
        try await withStore { store in
            let prices = [try price("a/b", "1"), try price("a/b", "999999999999999.9999999999", day: 10), try price("a/b", "3", day: 20)]
            try put(prices.reversed(), acme, store)
            try put([try price("a/b", "7", day: 5), try price("a", "8", day: 5), try price("a/b/c", "9", day: 5)], rival, store)
            try put([try price("a", "8", day: 5), try price("a/b/c", "9", day: 5)], acme, store)
            func inForce(_ milliseconds: Int64) throws -> ModelPrice? {
                let time = start.adding(milliseconds: milliseconds)
                return try store.blockingRead { try ModelPrices.inForce(ModelName(stored: "a/b"), at: time, of: acme, $0) }
            }
            let day = Timestamp.millisecondsPerDay
            let times = [-1, 0, 10 * day - 1, 10 * day, 20 * day, 9_000 * day]
            #expect(try times.map(inForce) == [nil, prices[0], prices[0], prices[1], prices[2], prices[2]])
        }
    }

    @Test func `Models are listed by name with their price in force, page by page`() async throws {
        try await withStore { store in
            let names = ["/", "A", "a", "a/b", "a/b.c", "a/bc", "z:1"]
            for name in names.reversed() {
                try put([try price(name, "1"), try price(name, "2", day: 1), try price(name, "3", day: 9)], acme, store)
            }
            try put([try price("a0-to-come", "1", day: 5)], acme, store)
            try put([try price("b-rival", "1")], rival, store)
            var (walked, last) = ([ModelPrice](), nil as ModelName?)
            repeat {
                let page = try store.blockingRead { [last] in
                    try ModelPrices.list(of: acme, at: start.adding(days: 2), after: last, limit: 2, $0)
                }
                walked += page
                last = page.last?.model
            } while last != nil
            #expect(walked.map(\.model.rawValue) == names)
            #expect(walked.allSatisfy { $0.inputPerMillion?.text == "2.00" })
        }
    }

    @Test func `Two prices from one instant on are a duplicate, and nothing of their transaction is stored`() async throws {
        try await withStore { store in
            try put([try price("m", "1")], acme, store)
            #expect {
                try put([try price("n", "1"), try price("m", "2")], acme, store)
            } throws: { ($0 as? StoreError)?.kind == .duplicate }
            let all = try store.blockingRead { try ModelPrices.list(of: acme, at: start, limit: 10, $0) }
            #expect(all == [try price("m", "1")])
        }
    }

    @Test func `A price keeps its classes, and one from before there were classes is read as input and output`() async throws {
        try await withStore { store in
            func money(_ text: String) throws -> Money { try #require(Money(text)) }
            let steps = [
                TokenRate.Step(above: 200_000, perMillion: try money("2")), TokenRate.Step(above: 300_000, perMillion: try money("3")),
            ]
            let rates = ModelRates(
                tokens: [
                    ModelRates.Key(.input): TokenRate(perMillion: try money("1"), above: steps),
                    ModelRates.Key(.cacheWriteHour, .batch): TokenRate(perMillion: try money("0.0000000001")),
                ],
                fallbacks: [.reasoning: .output, .output: .input], units: [.page: try money("0.003")], markupPercent: try money("12.5"))
            let price = ModelPrice(
                model: ModelName(stored: "whole"), rates: rates, currency: Currency(stored: "EUR"), effectiveFrom: start)
            try put([price], acme, store)
            let old: Document = [
                "_id": ["shop_id": "acme", "model": "old", "effective_from": .time(start)], "input_per_million": try .money(money("1")),
                "output_per_million": try .money(money("2")), "currency": "EUR",
            ]
            try store.database.withConnection { try $0.insert("model_prices", [old]) }
            let found = try store.blockingRead { try ModelPrices.list(of: acme, at: start, limit: 10, $0) }
            let plain = ModelRates(inputPerMillion: try money("1"), outputPerMillion: try money("2"))
            #expect(found.map(\.rates) == [plain, rates] && found.last == price)
        }
    }

    @Test func `An alias stands for a model until it is taken away, in its shop`() async throws {
        try await withStore { store in
            let (alias, model) = (ModelName(stored: "fast"), ModelName(stored: "maker/m"))
            func find(_ tenant: Tenant) throws -> ModelName? {
                try store.blockingRead { try ModelAliases.find(alias, of: tenant, $0) }
            }
            try store.blockingWrite { try ModelAliases.set(alias, to: ModelName(stored: "x"), of: acme, $0) }
            try store.blockingWrite { try ModelAliases.set(alias, to: model, of: acme, $0) }
            #expect(try find(acme) == model && find(rival) == nil)
            try store.blockingWrite { try ModelAliases.set(alias, to: nil, of: acme, $0) }
            #expect(try find(acme) == nil)
        }
    }

    @Test(arguments: ["input_per_million", "output_per_million", "currency", "_id"])
    func `The database refuses what is no price`(field: String) async throws {
        try await withStore { store in
            var good: Document = [
                "_id": ["shop_id": "acme", "model": "m", "effective_from": .time(start)], "input_per_million": try .money(Money("1")),
                "output_per_million": try .money(Money("0")), "currency": "EUR",
            ]
            let isMoney = field.hasSuffix("million")
            let wrong: Value = isMoney ? try .money(Money("-0.0000000001")) : field == "_id" ? ["shop_id": "acme", "model": "m"] : 7
            good[field] = wrong
            #expect(throws: MongoError.self) { try store.database.withConnection { try $0.insert("model_prices", [good]) } }
            if isMoney { good[field] = .double(1.5) } else { good[field] = nil }
            #expect(throws: MongoError.self) { try store.database.withConnection { try $0.insert("model_prices", [good]) } }
        }
    }
}
