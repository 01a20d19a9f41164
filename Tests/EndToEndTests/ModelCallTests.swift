import Foundation
import Mongo
import Support
import Synchronization
import Testing

@Suite struct ModelCallTests {
    private final class Answers: Sendable {
        private let ids = Mutex<Set<String>>([])

        /// Returns how many there are with it.
        func add(_ id: String) -> Int {
            ids.withLock { ids in
                ids.insert(id)
                return ids.count
            }
        }
        var all: Set<String> { ids.withLock { $0 } }
    }

    private func callIDs(_ client: ShopClient) async throws -> [String] {
        var (found, cursor): ([String], String?) = ([], "")
        while let at = cursor {
            let page = try await client.send("GET", "/v1/calls?limit=200" + (at.isEmpty ? "" : "&cursor=\(at)"))
            found += page.list("data").compactMap { $0["call_id"] as? String }
            cursor = page.text("next_cursor")
        }
        return found
    }

    @Test func `After kill -9 under load, every acknowledged call is there once, counted and charged`() async throws {
        try await withTestDatabase(options: .patient) { database in
            let settings = [
                "SHOPMETER_MONGODB_URI": try TestDatabase.uri(), "SHOPMETER_DATABASE": database.name,
                "SHOPMETER_DATA_DIR": TestDatabase.directory(database.name),
            ]
            let first = try await RunningServer.start(settings)
            let shop = try await TestShop(on: first, settings)
            let maker = try shop.client()
            _ = try await maker.send("PUT", "/v1/models/m/price", #"{"input_per_million":"10","output_per_million":"10"}"#)
            #expect(try await maker.send("POST", "/v1/projects", #"{"project_id":"p","creator_id":"o"}"#).status == 201)
            let acknowledged = Answers()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<12 {
                    let client = try shop.client()
                    group.addTask {
                        for index in 0... {
                            let id = "\(number)-\(index)"
                            let body = """
                                {"call_id":"\(id)","user_id":"u\(number % 4)","project_id":"p","model":"m",\
                                "usage":{"prompt_tokens":90,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":0}}}
                                """
                            guard let answer = try? await client.send("POST", "/v1/calls", body), answer.status == 201 else { return }
                            if acknowledged.add(id) == 200 { kill(first.processID, SIGKILL) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            await first.stop(SIGKILL)
            let second = try await RunningServer.start(settings)
            let client = try ShopClient(second, token: shop.key)
            let found = try await callIDs(client)
            let all = acknowledged.all
            #expect(all.count >= 200 && all.isSubset(of: found) && Set(found).count == found.count)
            // 20 less 0.001 a call.
            let balance = try await client.send("GET", "/v1/projects/p/wallet").text("balance").flatMap { Decimal(string: $0) }
            #expect(balance == Decimal(20) - Decimal(found.count) / 1_000)
            #expect(try await shop.audit().hasSuffix("0 differences"))
            await second.stop(SIGTERM)
        }
    }
}
