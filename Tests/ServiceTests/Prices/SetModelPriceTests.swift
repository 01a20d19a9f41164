import Metering
import Service
import ServiceSupport
import Support
import Testing

@Suite struct SetModelPriceTests {
    private let model = ModelName(stored: "deepseek/deepseek-chat")

    private func request(_ input: String, _ output: String = "1", from time: String? = nil, model name: String? = nil) throws
        -> ModelPriceRequest
    {
        ModelPriceRequest(
            model: name.map(ModelName.init(stored:)) ?? model, inputPerMillion: try #require(Money(input)),
            outputPerMillion: try #require(Money(output)), effectiveFrom: time.flatMap(Timestamp.init(rfc3339:)))
    }

    @Test func `A price put again without an instant is the one in force, and another one follows it`() async throws {
        try await withTestService { test in
            let first = try await test.service.setModelPrice(try request("1"), of: test.tenant)
            #expect(first.isNew && first.price.effectiveFrom == test.clock.now() && first.price.currency.code == "EUR")
            test.clock.advance(seconds: 60)
            let again = try await test.service.setModelPrice(try request("1.00"), of: test.tenant)
            #expect(again.price == first.price && !again.isNew)
            let second = try await test.service.setModelPrice(try request("2"), of: test.tenant)
            #expect(second.isNew && second.price.effectiveFrom == test.clock.now())
            #expect(try await test.service.modelPrice(of: model, in: test.tenant) == second.price)
            let old = try await test.service.modelPrice(of: model, at: first.price.effectiveFrom, in: test.tenant)
            #expect(old == first.price)
            await #expect(throws: ServiceError.self) {
                try await test.service.modelPrice(of: model, at: first.price.effectiveFrom.adding(milliseconds: -1), in: test.tenant)
            }
        }
    }

    @Test func `Eight tasks with one price store it once, and with eight prices one of them`() async throws {
        try await withTestService { test in
            let other = test.another()
            defer { other.drain() }
            func put(_ make: @escaping @Sendable (Int) throws -> ModelPriceRequest) async throws -> [Bool?] {
                try await withThrowingTaskGroup(of: Bool?.self) { group in
                    for task in 0..<8 {
                        let service = task % 2 == 0 ? test.service : other
                        group.addTask { () async throws -> Bool? in
                            do { return try await service.setModelPrice(make(task), of: test.tenant).isNew } catch ServiceError.conflict {
                                return nil
                            }
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            let same = try await put { _ in try request("5", from: "2026-11-01T00:00:00Z") }
            #expect(same.count { $0 == true } == 1 && same.count { $0 == false } == 7)
            let different = try await put { try request("\($0 + 1)", from: "2026-12-01T00:00:00Z") }
            #expect(different.count { $0 == true } == 1 && different.count { $0 == nil } == 7)
        }
    }

    @Test func `An import is stored whole or not at all, unless what is good is asked for`() async throws {
        try await withTestService { test in
            let requests = [try request("1", model: "a"), try request("-1", model: "b"), try request("3", model: "c")]
            for storing in [ModelPriceStoring.nothing, .whole] {
                let findings = try await test.service.importModelPrices(requests, of: test.tenant, storing: storing)
                #expect(findings.map(\.isRefused) == [false, true, false])
                #expect(try await test.service.modelPrices(in: test.tenant, after: nil, limit: 10) == [])
            }
            _ = try await test.service.importModelPrices(requests, of: test.tenant, storing: .whatIsGood)
            #expect(try await test.service.modelPrices(in: test.tenant, after: nil, limit: 10).map(\.model.rawValue) == ["a", "c"])
            test.clock.advance(seconds: 60)
            let again = try await test.service.importModelPrices(requests, of: test.tenant, storing: .whatIsGood)
            guard case .unchanged = again[0], case .unchanged = again[2] else { return #expect(Bool(false), "\(again)") }
            let late = try await test.service.importModelPrices(
                [try request("9", from: "2026-11-01T00:00:00Z", model: "a")], of: test.tenant, storing: .whatIsGood)
            #expect(late.map(\.isRefused) == [true], "before the one in force")
        }
    }

    @Test func `An import of more prices than a transaction takes is refused`() async throws {
        try await withTestService { test in
            let one = try request("1")
            let many = Array(repeating: one, count: ShopMeter.maximumModelPrices + 1)
            await #expect(throws: ServiceError.self) { try await test.service.importModelPrices(many, of: test.tenant, storing: .whole) }
        }
    }
}
