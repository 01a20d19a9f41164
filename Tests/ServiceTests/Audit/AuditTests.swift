import BSON
import Metering
import Mongo
import Service
import ServiceSupport
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
            _ = try await test.subscribe("u1", to: TestService.basic)
            let findings = try await withThrowingTaskGroup(of: [AuditFinding].self) { group in
                for task in 0..<8 {
                    let service = task % 2 == 0 ? test.service : other
                    group.addTask {
                        for index in 0..<40 {
                            let name = "\(task)-\(index)"
                            _ = await service.recordUsage([test.command("u\(index)", name, 7), test.command("u1", name, 3)])
                            _ = try? await test.hold("r\(name)", 5, user: "u2", through: service)
                            _ = try? await test.commit("r\(name)", 4, through: service)
                            let content = PurchaseContent(user: UserID(stored: "u3"), meter: .tokens, amount: 2)
                            _ = try await service.purchaseUsage(PurchaseID(stored: "p\(name)"), content, for: test.tenant)
                        }
                        return []
                    }
                }
                group.addTask {
                    for _ in 0..<20 { _ = try await test.service.moveSubscription(of: UserID(stored: "u1"), in: test.tenant, .reset()) }
                    return []
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
            #expect(last == [] && done.accounts == 40)
        }
    }

    @Test func `What is changed behind the service's back is told, and nothing else`() async throws {
        try await withTestService { test in
            try await test.live(through: test.service)
            for tampering in Tampering.all {
                try await tampering.apply(to: test.database) {
                    let (done, findings) = try await test.audit()
                    #expect(findings.map(\.difference.field) == tampering.fields, "\(tampering.collection) \(tampering.update)")
                    #expect(findings.allSatisfy { $0.owner == .user(UserID(stored: "u")) } && done.differences == findings.count)
                }
            }
            #expect(try await test.audit().findings == [])
        }
    }

    @Test func `A log without its account, and an account without its log, are told`() async throws {
        try await withTestService { test in
            for user in ["a", "b", "c", "d", "e"] { _ = try await test.service.recordUsage(test.command(user, "e", 5)) }
            _ = try await test.service.purchaseUsage(
                PurchaseID(stored: "p"), PurchaseContent(user: UserID(stored: "d"), meter: .tokens, amount: 4), for: test.tenant)
            _ = try await test.hold("h", 1, user: "e")
            try await test.database.run { connection in
                for user: Value in ["b", "d", "e"] { try #require(try connection.deleteOne("token_usage", ["_id.user_id": user]) == 1) }
                for user: Value in ["c", "d", "e"] { try #require(try connection.deleteOne("usage_events", ["_id.user_id": user]) == 1) }
            }
            let (done, findings) = try await test.audit()
            #expect(done.accounts == 2 && done.events == 2)
            let orphans = findings.filter { $0.difference.field == "account" }
            #expect(
                orphans.map { "\($0.owner?.description ?? "-") \($0.difference.expected)" } == [
                    "b one for its events", "d one for its purchases", "e one for its holds",
                ])
            let rest = findings.filter { $0.difference.field != "account" }
            #expect(Set(rest.map(\.owner)) == [.user(UserID(stored: "c"))])
            #expect(rest.map(\.difference.field).prefix(3) == ["tokens.used", "total_tokens", "total_queries"])
        }
    }

    @Test func `A shop that is not there is refused`() async throws {
        try await withTestService { test in
            await #expect(throws: ServiceError.self) {
                try await test.service.audit(of: ShopID(stored: "nobody"), found: { _ in }, progress: { _ in })
            }
        }
    }
}

extension TestService {
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
        clock.move(to: "2027-04-19T10:00:00Z")
        _ = try await service.moveSubscription(of: user, in: tenant, .reset())
        _ = try await service.purchaseUsage(
            PurchaseID(stored: "p"), PurchaseContent(user: user, meter: .tokens, amount: 400), for: tenant)
        _ = try await subscribe("u", to: Self.pro, action: .upgrade)
        _ = try await service.recordUsage(command("u", "last", 700))
        _ = try await hold("open", 100)
        _ = try await hold("part", 100)
        _ = try await commit("part", 30, isFinal: false, event: "part-1")
    }
}
