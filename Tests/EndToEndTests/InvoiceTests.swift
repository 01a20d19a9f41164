import Foundation
import Mongo
import Support
import Synchronization
import Testing

/// Invoices under many clients and several instances at once.
@Suite struct InvoiceTests {
    private static let users = 200

    @Test func `Two hundred upgrades on two instances, one of which is killed: the numbers have no gap and none is there twice`()
        async throws
    {
        try await withShop { shop in
            let client = try shop.client()
            let plan = #"{"monthly_fee":"9.00","allowances":{"tokens":5000}}"#
            _ = try await client.send("PUT", "/v1/plans/basic", plan)
            for user in 0..<Self.users {
                let body = #"{"user_id":"u\#(user)","action":"create","plan_name":"basic"}"#
                try await #require(client.send("POST", "/v1/subscriptions", body).status == 201)
            }
            let second = try await shop.anotherInstance()
            let clients = try (0..<16).map { try ShopClient($0 % 2 == 0 ? shop.server : second, token: shop.key) }
            let done = Mutex(0)
            let unanswered = await Self.upgrade(Array(0..<Self.users), through: clients) {
                let count = done.withLock { count in
                    count += 1
                    return count
                }
                if count == 60 { kill(second.processID, SIGKILL) }
            }
            await second.stop(SIGKILL)
            #expect(!unanswered.isEmpty, "the clients of the killed instance noticed")
            let left = await Self.upgrade(unanswered, through: try (0..<4).map { _ in try shop.client() }) {}
            #expect(left == [])
            let lines = try await client.send("GET", "/v1/export/invoices?format=ndjson").response.text.split(separator: "\n")
            let invoices = try lines.map { try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
            let numbers = invoices.compactMap { ($0["number"] as? String)?.suffix(4) }
            #expect(numbers == (1...Self.users).map { Substring(String(repeating: "0", count: 4 - "\($0)".count) + "\($0)") })
            #expect(Set(invoices.compactMap { $0["user_id"] as? String }).count == Self.users)
            #expect(invoices.allSatisfy { $0["kind"] as? String == "change" && $0["status"] as? String == "pending" })
        }
    }

    /// Upgrades each user once, and returns those whose upgrade was not answered. Sent again, an upgrade that was done without an answer gets its first
    /// answer.
    private static func upgrade(
        _ users: [Int], through clients: [ShopClient], _ observe: @escaping @Sendable () -> Void
    ) async -> [Int] {
        await withTaskGroup(of: [Int].self) { group in
            for (number, client) in clients.enumerated() {
                group.addTask {
                    var unanswered: [Int] = []
                    for user in users where user % clients.count == number {
                        let body = #"{"user_id":"u\#(user)","action":"upgrade","plan_name":"pro"}"#
                        let key = ["Idempotency-Key: upgrade-\(user)"]
                        let answer = try? await client.send("POST", "/v1/subscriptions", body, headers: key)
                        if answer?.status == 200 { observe() } else { unanswered.append(user) }
                    }
                    return unanswered
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }
}
