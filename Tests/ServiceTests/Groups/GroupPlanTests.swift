import Metering
import Testing

@testable import Service
@testable import Store

@Suite struct GroupPlanTests {
    private static let now = Timestamp(milliseconds: 1_794_312_000_000)
    private static let tenants = ["one", "two"].map { Tenant(shop: ShopID(stored: $0)) }

    private func record(_ user: String, _ event: String, of tenant: Tenant = tenants[0]) -> AccountCommand {
        .record(
            UsageCommand(tenant: tenant, user: UserID(stored: user), event: EventID(stored: event), content: UsageContent(amount: 1)))
    }

    private func account(_ key: AccountKey, at time: Timestamp = now) -> Account {
        let free = Plan(name: .free, displayName: "", monthlyFee: .zero, currency: Currency(stored: "EUR"), allowances: [:])
        return .opened(for: key.user, free: free, at: time)
    }

    private static func memory() -> AccountMemory {
        var memory = AccountMemory()
        _ = memory.learn(Set(tenants)) { tenants in Dictionary(uniqueKeysWithValues: tenants.map { ($0, 0) }) }
        return memory
    }

    @Test func `A group needs each of its accounts once, those that are not remembered from the database`() {
        let plan = GroupPlan([record("u", "1"), record("u", "2"), record("v", "1"), record("u", "1", of: Self.tenants[1])])
        #expect(plan.accounts.count == 3 && plan.tenants == Set(Self.tenants))
        var memory = Self.memory()
        let known = AccountKey(tenant: Self.tenants[0], user: UserID(stored: "u"))
        memory.remember(account(known), of: known)
        #expect(plan.remembered(in: memory) == [known: account(known)])
        #expect(plan.opening(beside: plan.remembered(in: memory)) == Set(Self.tenants))
        let other = AccountKey(tenant: Self.tenants[0], user: UserID(stored: "v"))
        #expect(plan.opening(beside: [known: account(known), other: account(other)]) == [Self.tenants[1]])
    }

    @Test func `Accounts whose periods are due, by their shops' time, are postponed beside others, and closed some of one shop at a time`()
    {
        let keys = Self.tenants.flatMap { tenant in (0..<600).map { AccountKey(tenant: tenant, user: UserID(stored: "u\($0)")) } }
        let accounts = Dictionary(uniqueKeysWithValues: keys.map { ($0, account($0)) })
        let later = Self.now.adding(days: 31)
        let all = GroupPlan(keys.map { record($0.user.rawValue, "1", of: $0.tenant) })
        let beside = all.due(accounts, at: [Self.tenants[0]: later, Self.tenants[1]: Self.now])
        #expect(beside.closing == nil && beside.postponed == Set(keys.filter { $0.tenant == Self.tenants[0] }))
        let due = all.due(accounts, at: [Self.tenants[0]: later, Self.tenants[1]: later])
        let users = Set(due.closing?.users ?? [])
        #expect(due.closing?.tenant == Self.tenants[0] && users.count == PeriodCloser.groupOfEvents)
        #expect(due.postponed == Set(keys.filter { $0.tenant == Self.tenants[1] || !users.contains($0.user) }))
        #expect(all.due(accounts, at: [:]).postponed.isEmpty)
    }

    @Test func `A refusal stands if it was made on what is stored, with overdue holds ended`() {
        let plan = GroupPlan([record("u", "1")])
        let key = AccountKey(tenant: Self.tenants[0], user: UserID(stored: "u"))
        var memory = Self.memory()
        #expect(!plan.mustSettleAgain(refused: [key], overdue: [:], memory: memory))
        memory.remember(account(key), of: key)
        #expect(plan.mustSettleAgain(refused: [key], overdue: [:], memory: memory))
    }

    @Test func `What is remembered from before an erasure is not known after it`() {
        let keys = Self.tenants.map { AccountKey(tenant: $0, user: UserID(stored: "u")) }
        var memory = Self.memory()
        for key in keys { memory.remember(account(key), of: key) }
        memory.unlearn([Self.tenants[0]])
        #expect(memory[keys[0]] == nil && memory[keys[1]] != nil)
        var asked: [Set<Tenant>] = []
        let counts = memory.learn(Set(Self.tenants)) { tenants in
            asked.append(tenants)
            return [Self.tenants[0]: 1]
        }
        #expect(counts == [Self.tenants[0]: 1, Self.tenants[1]: 0] && asked == [[Self.tenants[0]]])
        #expect(memory[keys[0]] == nil && memory[keys[1]] != nil)
        memory.remember(account(keys[0]), of: keys[0])
        #expect(memory[keys[0]] != nil)
    }
}
