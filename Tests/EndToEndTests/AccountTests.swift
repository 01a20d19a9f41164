import Foundation
import Support
import Synchronization
import Testing

/// Accounts under many clients and several instances at once: no limit is passed, and no event is lost or counted twice.
@Suite struct AccountTests {
    @Test func `Sixty-four clients with two hundred enforced events each never pass what is left`() async throws {
        try await withShop { shop in
            let plan = #"{"display_name":"Small","monthly_fee":"1.00","allowances":{"tokens":5000}}"#
            _ = try await shop.client().send("PUT", "/v1/plans/small", plan)
            _ = try await shop.client().send("POST", "/v1/subscriptions", #"{"user_id":"u","action":"create","plan_name":"small"}"#)
            let allowed = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<64 {
                    let client = try shop.client()
                    group.addTask { try await Self.enforced(by: client, number, count: 200, amount: 7) }
                }
                return try await group.reduce(0, +)
            }
            #expect(allowed <= 5_000 && allowed > 4_900)
            let summary = try await shop.client().send("GET", "/v1/usage/u")
            #expect((summary["usage"] as? [String: Int])?["tokens"] == allowed)
            #expect(try await shop.audit() == "1 account, \(allowed / 7) events, 0 wallets, 0 differences")
        }
    }

    private static func enforced(by client: ShopClient, _ number: Int, count: Int, amount: Int) async throws -> Int {
        var sum = 0
        for index in 0..<count {
            let body = #"{"event_id":"\#(number)-\#(index)","user_id":"u","amount":\#(amount),"enforce":true}"#
            let answer = try await client.send("POST", "/v1/usage", body)
            if answer.status == 201 { sum += amount } else { try #require(answer.status == 402) }
        }
        return sum
    }

    @Test func `Two instances, fifty accounts, a fifth of the ids sent twice: every id is counted once, also when one is killed`()
        async throws
    {
        try await withShop { shop in
            let second = try await shop.anotherInstance()
            let clients = try (0..<64).map { try ShopClient($0 < 32 ? shop.server : second, token: shop.key) }
            let calm = try await Self.traffic(through: clients, named: "calm", each: 40) { _ in }
            #expect(calm.failures == 0, "\(calm.reasons)")
            let stormy = try await Self.traffic(through: clients, named: "storm", each: 40) { done in
                if done == 600 { kill(second.processID, SIGKILL) }
            }
            await second.stop(SIGKILL)
            #expect(stormy.failures > 0, "the clients of the killed instance noticed")
            // The events without an answer are sent again to the instance that is left.
            let rest = try (0..<8).map { _ in try shop.client() }
            let retried = try await Self.send(stormy.unanswered, through: rest)
            #expect(retried.failures == 0, "\(retried.reasons)")
            let ids = Set((calm.sent + stormy.sent).map(\.id))
            var queries = 0
            for user in 0..<50 {
                let lifetime = try await shop.client().send("GET", "/v1/usage/u\(user)")["lifetime"] as? [String: Int]
                queries += lifetime?["queries"] ?? 0
            }
            #expect(queries == ids.count)
            #expect(try await shop.audit() == "50 accounts, \(ids.count) events, 0 wallets, 0 differences")
        }
    }

    private struct Event: Hashable, Sendable {
        let id: String
        let user: Int
        var body: String { #"{"event_id":"\#(id)","user_id":"u\#(user)","amount":3}"# }
    }

    /// What became of the events that were sent.
    private struct Traffic: Sendable {
        var sent: [Event] = []
        var unanswered: [Event] = []
        var failures = 0
        /// The answers that were failures, each once.
        var reasons: Set<String> = []
    }

    /// Sends events through all clients at once. Every fifth event of a client has the id of an event of another client.
    /// - Parameter observe: is told after each answered event how many were answered.
    private static func traffic(
        through clients: [ShopClient], named name: String, each count: Int, _ observe: @escaping @Sendable (Int) -> Void
    ) async throws -> Traffic {
        let events = clients.indices.map { number in
            (0..<count).map { index in
                let id = index % 5 == 0 ? "\(name)-shared-\(number % 32)-\(index)" : "\(name)-\(number)-\(index)"
                return Event(id: id, user: (number % 32 * 7 + index) % 50)
            }
        }
        return try await run(Array(zip(clients, events)), observe)
    }

    private static func send(_ events: [Event], through clients: [ShopClient]) async throws -> Traffic {
        let shares = clients.indices.map { number in
            events.indices.filter { $0 % clients.count == number }.map { events[$0] }
        }
        return try await run(Array(zip(clients, shares))) { _ in }
    }

    private static func run(_ work: [(ShopClient, [Event])], _ observe: @escaping @Sendable (Int) -> Void) async throws -> Traffic {
        let counter = Counter()
        return await withTaskGroup(of: Traffic.self) { group in
            for (client, events) in work {
                group.addTask {
                    var traffic = Traffic(sent: events)
                    for event in events {
                        let answer = try? await client.send("POST", "/v1/usage", event.body)
                        if let answer, answer.status == 201 || answer.status == 200 {
                            observe(counter.next())
                        } else {
                            traffic.failures += 1
                            traffic.reasons.insert(answer.map { "\($0.status) \($0.text("code") ?? "")" } ?? "no answer")
                            traffic.unanswered.append(event)
                        }
                    }
                    return traffic
                }
            }
            return await group.reduce(into: Traffic()) { all, one in
                all.sent += one.sent
                all.unanswered += one.unanswered
                all.failures += one.failures
                all.reasons.formUnion(one.reasons)
            }
        }
    }

    @Test func `A batch of a thousand gives each its own right answer, and again changes nothing`() async throws {
        try await withShop { shop in
            let client = try shop.client()
            _ = try await client.send("POST", "/v1/usage", #"{"event_id":"old","user_id":"u0","amount":5}"#)
            let events = (0..<1_000).map(Self.mixed)
            let body = #"{"events":[\#(events.map(\.body).joined(separator: ","))]}"#
            let first = try await client.send("POST", "/v1/usage/batch", body)
            #expect(first.status == 200)
            #expect(Self.verdicts(of: first) == events.map(\.first))
            let before = try await client.send("GET", "/v1/export/token_usage?format=ndjson").response.text
            let second = try await client.send("POST", "/v1/usage/batch", body)
            #expect(Self.verdicts(of: second) == events.map(\.again))
            #expect(try await client.send("GET", "/v1/export/token_usage?format=ndjson").response.text == before)
            #expect(try await shop.audit().hasSuffix(" 0 differences"))
        }
    }

    /// An event of the batch, and the status or the problem's code that it is to get, in the first batch and in the repeated one.
    private static func mixed(_ index: Int) -> (body: String, first: String, again: String) {
        let user = "u\(index % 7)"
        return switch index % 10 {
        case 3:  // Repeats the event two before it.
            (#"{"event_id":"e\#(index - 2)","user_id":"u\#((index - 2) % 7)","amount":2}"#, "duplicate", "duplicate")
        case 4:
            (#"{"event_id":"e\#(index - 2)","user_id":"u\#((index - 2) % 7)","amount":9}"#, "idempotency_conflict", "idempotency_conflict")
        case 5: (#"{"event_id":"old","user_id":"u0","amount":5}"#, "duplicate", "duplicate")
        case 6: (#"{"event_id":"e\#(index)","user_id":"\#(user)","meter":"no meter","amount":2}"#, "invalid_request", "invalid_request")
        case 7: (#"{"event_id":"e\#(index)","user_id":"\#(user)","amount":-1}"#, "invalid_request", "invalid_request")
        case 8:
            (
                #"{"event_id":"e\#(index)","user_id":"\#(user)","meter":"ocr_tokens","amount":2,"enforce":true}"#, "usage_limit_exceeded",
                "usage_limit_exceeded"
            )
        default: (#"{"event_id":"e\#(index)","user_id":"\#(user)","amount":2}"#, "recorded", "duplicate")
        }
    }

    private static func verdicts(of answer: Answer) -> [String] {
        answer.list("results").map { result in
            let problem = result["problem"] as? [String: Any]
            return problem?["code"] as? String ?? result["status"] as? String ?? "?"
        }
    }
}

private final class Counter: Sendable {
    private let value = Mutex(0)

    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}
