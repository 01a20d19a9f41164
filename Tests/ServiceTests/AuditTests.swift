import BSON
import Metering
import Mongo
import Service
import Store
import Support
import Synchronization
import Testing

@Suite struct AuditTests {
    @Test func `Whatever happened to an account, its log says the same`() async throws {
        try await withTestService { test in
            try await test.live(through: test.service)
            let (done, findings) = try await test.audit()
            #expect(findings == [])
            #expect(done.accounts == 4 && done.events > 40)
        }
    }

    @Test func `An audit beside traffic finds nothing`() async throws {
        try await withTestService { test in
            let other = test.another()
            defer { other.drain() }
            let findings = try await withThrowingTaskGroup(of: [AuditFinding].self) { group in
                for task in 0..<8 {
                    let service = task % 2 == 0 ? test.service : other
                    group.addTask {
                        for index in 0..<60 {
                            let name = "\(task)-\(index)"
                            _ = await service.recordUsage([test.command("u\(index % 60)", name, 7), test.command("u1", name, 3)])
                            _ = try? await test.hold("r\(name)", 5, user: "u2", through: service)
                            _ = try? await test.commit("r\(name)", 4, through: service)
                        }
                        return []
                    }
                }
                group.addTask {
                    var findings: [AuditFinding] = []
                    for _ in 0..<12 { findings += try await test.audit().findings }
                    return findings
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(findings == [])
            let (done, last) = try await test.audit()
            #expect(last == [] && done.accounts == 60)
        }
    }

    @Test(
        arguments: [
            ("token_usage", ["$inc": ["meters.0.used": .int64(1)]], ["tokens.used"]),
            ("token_usage", ["$inc": ["meters.0.rollover": .int64(-1)]], ["tokens.rollover"]),
            ("token_usage", ["$inc": ["meters.0.purchased": .int64(1)]], ["tokens.purchased"]),
            ("token_usage", ["$inc": ["meters.0.reserved": .int64(1)]], ["tokens.reserved"]),
            ("token_usage", ["$inc": ["total_tokens": .int64(1), "total_queries": .int64(1)]], ["total_tokens", "total_queries"]),
            ("token_usage", ["$inc": ["daily_usage.0.peak_tokens": .int64(1)]], ["daily_usage 2027-01-19 peak_tokens"]),
            ("token_usage", ["$inc": ["period_number": .int64(1)]], ["period_number", "tokens.used", "daily_usage 2027-01-19 tokens"]),
            ("period_closes", ["$inc": ["balances.0.rollover": .int64(5)]], ["period 1 tokens.rollover", "period 1 tokens.carried_over"]),
            ("period_closes", ["$inc": ["balances.0.used": .int64(5)]], ["period 1 tokens.used"]),
            ("usage_events", ["$inc": ["breakdown.from_subscription": .int64(5)]], ["tokens breakdown of events", "tokens.used"]),
            ("reservations", ["$inc": ["outstanding": .int64(5)]], ["tokens.reserved"]),
            ("purchases", ["$inc": ["amount": .int64(5)]], ["tokens.purchased"]),
        ] as [(String, Document, [String])])
    func `What is changed behind the service's back is found`(collection: String, update: Document, fields: [String]) async throws {
        try await withTestService { test in
            try await test.live(through: test.service)
            let filter: Document =
                switch collection {
                case "token_usage": ["_id.user_id": "u"]
                case "period_closes": ["_id.user_id": "u", "_id.period_number": .int64(1)]
                case "usage_events": ["_id.event_id": "last"]
                case "reservations": ["_id.reservation_id": "open"]
                default: ["_id.purchase_id": "p"]
                }
            try await test.database.run { connection in
                let command: Document = [
                    "update": .string(collection), "bypassDocumentValidation": true,
                    "updates": [["q": .document(filter), "u": .document(update)]],
                ]
                let reply = try connection.command(command)
                #expect(try reply.int64("nModified") == 1)
            }
            let findings = try await test.audit().findings
            #expect(Set(findings.map(\.difference.field)).isSuperset(of: fields), "\(findings)")
            #expect(findings.allSatisfy { $0.user == UserID(stored: "u") })
        }
    }

    @Test func `An event without its account, and an account without its events, are found`() async throws {
        try await withTestService { test in
            for user in ["a", "b", "c"] { _ = try await test.service.recordUsage(test.command(user, "e", 5)) }
            try await test.database.run { connection in
                _ = try connection.command(["delete": "token_usage", "deletes": [["q": ["_id.user_id": "b"], "limit": .int64(1)]]])
                _ = try connection.command(["delete": "usage_events", "deletes": [["q": ["_id.user_id": "c"], "limit": .int64(1)]]])
            }
            let findings = try await test.audit().findings
            #expect(findings.filter { $0.user == UserID(stored: "b") }.map(\.difference.field) == ["account"])
            #expect(findings.filter { $0.user == UserID(stored: "c") }.map(\.difference.field).contains("tokens.used"))
            #expect(!findings.contains { $0.user == UserID(stored: "a") })
        }
    }
}

extension TestService {
    func audit() async throws -> (done: AuditProgress, findings: [AuditFinding]) {
        let findings = Mutex<[AuditFinding]>([])
        let done = try await service.audit(of: tenant.shop) { finding in
            findings.withLock { $0.append(finding) }
        } progress: { _ in
        }
        return (done, findings.withLock { $0 })
    }

    /// Three months of everything that there is, over four users.
    fileprivate func live(through service: ShopMeter) async throws {
        for (index, user) in ["t", "u", "v", "w"].enumerated() {
            if user != "w" { _ = try await subscribe(user, to: index == 0 ? Self.pro : Self.basic) }
            for month in 1...2 {
                for step in 0..<5 {
                    let name = "\(user)-\(month)-\(step)"
                    _ = await service.recordUsage([
                        command(user, name, 1_500 + Quantity(step)), command(user, "e" + name, 9_000, enforce: true),
                    ])
                    _ = await service.recordUsage([command(user, "c" + name, 3, meter: Meter(stored: "api_calls"))])
                    _ = try? await hold("h" + name, 300, user: user, seconds: 60)
                    if step % 2 == 0 { _ = try? await commit("h" + name, 350) } else { clock.advance(seconds: 61) }
                    clock.advance(days: 2)
                }
                clock.advance(days: 25)
            }
            _ = try? await commit("h\(user)-1-1", 20)
        }
        let user = UserID(stored: "u")
        clock.move(to: "2027-01-19T10:00:00Z")
        _ = try await service.moveSubscription(of: user, in: tenant, .reset)
        _ = try await service.purchase(
            PurchaseID(stored: "p"), PurchaseContent(user: user, meter: .tokens, amount: 400), for: tenant)
        _ = try await subscribe("u", to: Self.pro, action: .upgrade)
        _ = try await service.recordUsage(command("u", "last", 700))
        _ = try await hold("open", 100)
        _ = try await hold("part", 100)
        _ = try await commit("part", 30, isFinal: false, event: "part-1")
    }
}
