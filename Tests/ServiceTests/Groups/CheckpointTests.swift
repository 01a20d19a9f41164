import BSON
import Metering
import Mongo
import ServiceSupport
import Store
import Support
import Testing

@testable import Service

/// The document of a quiet account follows its log.
@Suite struct CheckpointTests {
    private typealias Instant = ContinuousClock.Instant

    /// The number of the entry at which the document stands.
    private func document(_ test: TestService) async throws -> Int64? {
        try await test.database.run { try $0.findOne("token_usage", [:])?.int64("sequence") }
    }

    private func service(_ test: TestService, after: Duration) -> ShopMeter {
        ShopMeter(
            store: test.store, clock: test.clock, settings: Settings(adminToken: "admin"), commits: .init(checkpoints: .init(after: after)))
    }

    @Test func `An account that is quiet is stored, and one that goes on is not`() async throws {
        try await withTestService { test in
            let prompt = service(test, after: .milliseconds(1))
            defer { prompt.drain() }
            for number in 1...5 { _ = try await prompt.recordUsage(test.command("u", "e\(number)")) }
            #expect(try await poll { try await document(test) == 5 ? true : nil })
            let patient = service(test, after: .seconds(3_600))
            _ = try await patient.recordUsage(test.command("u", "e6"))
            #expect(try await document(test) == 5)
            patient.drain()
            #expect(try await document(test) == 6, "a stop leaves nothing behind")
            #expect(try await test.account(of: "u").tokens.used == 6)
            #expect(try await test.audit().findings == [])
        }
    }

    @Test func `A document that another instance has moved stays as that one stored it`() async throws {
        try await withTestService { test in
            let late = service(test, after: .seconds(3_600))
            for number in 1...3 { _ = try await late.recordUsage(test.command("u", "e\(number)", 10)) }
            for number in 1...3 { _ = try await late.recordUsage(test.command("v", "e\(number)", 10)) }
            let content = PurchaseContent(user: UserID(stored: "u"), meter: .tokens, amount: 50)
            _ = try await test.service.purchaseUsage(PurchaseID(stored: "p"), content, for: test.tenant)
            let before = try await test.database.run { try $0.findOne("token_usage", ["_id.user_id": "u"]) }
            late.drain()
            #expect(try await test.database.run { try $0.findOne("token_usage", ["_id.user_id": "u"]) } == before)
            #expect(try await test.database.run { try $0.findOne("token_usage", ["_id.user_id": "v"]) }?.int64("sequence") == 3)
            #expect(try await test.account(of: "u").tokens.purchased == 50)
            #expect(try await test.audit().findings == [])
        }
    }

    @Test func `What a process that was killed left behind is found at the end of the log`() async throws {
        try await withTestService { test in
            // It is never drained.
            let killed = service(test, after: .seconds(3_600))
            for user in 0..<300 {
                for number in 1...2 { _ = try await killed.recordUsage(test.command("u\(user)", "e\(number)", 10)) }
            }
            let behind: Document = ["sequence": 1]
            #expect(try await test.database.run { try $0.count("token_usage", behind) } == 300)
            #expect(try await test.service.storeLeftDocuments() == 300)
            #expect(try await test.database.run { try $0.count("token_usage", behind) } == 0)
            #expect(try await test.service.storeLeftDocuments() == 0)
            #expect(try await test.account(of: "u7").tokens.used == 20)
            #expect(try await test.audit().findings == [])
        }
    }

    @Test func `Keys come out once, when they have been quiet, and no more are kept than there is room for`() {
        var random = SplitMix(seed: 5)
        let start = Instant.now
        var (keys, model) = (QuietKeys<Int>(room: 40), [Int: Int]())
        for step in 0..<20_000 {
            if Bool.random(using: &random) {
                let key = Int.random(in: 0..<60, using: &random)
                keys.touch(key, at: start + .milliseconds(step))
                if model[key] != nil || model.count < 40 { model[key] = step }
            } else if step % 7 == 0 {
                let since = step - .random(in: 0...60, using: &random)
                let taken = keys.take(quietSince: start + .milliseconds(since), limit: 1_000)
                #expect(taken.allSatisfy { model[$0].map { $0 <= since } ?? false } && Set(taken).count == taken.count)
                for key in taken { model[key] = nil }
                #expect(keys.count == model.count && model.values.allSatisfy { $0 > since - 200 })
            }
        }
        #expect(keys.take(quietSince: start + .seconds(60), limit: 3).count == 3)
    }

    @Test func `The last keys are known, and older ones are forgotten`() {
        var keys = RecentKeys<Int>(capacity: 100)
        for key in 0..<1_000 {
            keys.note(key)
            keys.note(key)
        }
        #expect((900..<1_000).allSatisfy { keys.mayContain($0) } && (0..<900).count { keys.mayContain($0) } < 5)
    }
}
