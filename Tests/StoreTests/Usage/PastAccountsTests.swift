import BSON
import Metering
import Mongo
import Support
import Testing

@testable import Store

/// The log of an account says what the account was at each instant.
@Suite struct PastAccountsTests {
    private let tenant = Tenant(shop: ShopID(stored: "shop"))
    private let user = UserID(stored: "u")

    /// What an entry keeps of an account.
    private struct State: Equatable {
        let meters: [MeterBalance]
        let period: Period

        init(_ account: Account) { (meters, period) = (account.meters, account.period) }
    }

    private func past(_ time: Timestamp, _ store: MeterStore) throws -> PastAccount {
        try store.blockingRead { try Accounts.past(user, of: tenant, at: time, $0) }
    }

    private func state(_ time: Timestamp, _ store: MeterStore) throws -> State? {
        guard case .known(let account, _) = try past(time, store) else { return nil }
        return State(account)
    }

    private func isUnopened(_ time: Timestamp, _ store: MeterStore) throws -> Bool {
        if case .unopened = try past(time, store) { true } else { false }
    }

    /// From when on the account is known, where it is not at that time.
    private func beginning(_ time: Timestamp, _ store: MeterStore) throws -> Timestamp? {
        if case .unknown(let beginning) = try past(time, store) { beginning } else { nil }
    }

    /// Stores entries, some of them at one time: the states in order. Each sixteenth event keeps the account's state.
    private func fill(_ store: MeterStore) throws -> [(time: Timestamp, state: State)] {
        var random = SplitMix(seed: 3)
        var (account, states): (Account, [(Timestamp, State)]) = (.opened(for: user, free: plan(tokens: 1_000), at: start), [])
        var stored: Account?
        for number in 0..<100 {
            let before = account
            // A clock that is behind at times.
            let now = start.adding(milliseconds: Int64(number / 3 * 10 - (number % 7 == 0 ? 40 : 0)))
            let isStep = number % 23 == 0
            var events: [(tenant: Tenant, event: RecordedEvent)] = []
            if isStep {
                account.adopt(plan(tokens: .random(in: 1...9_000, using: &random)), subscription: nil)
            } else {
                let content = UsageContent(meter: .tokens, amount: .random(in: 0...300, using: &random))
                let settlement = try account.record(content, at: now, enforce: false)
                account.version += 1
                let time = account.nextEntryTime(at: now)
                account.loggedAt = time
                events = [
                    (
                        tenant,
                        RecordedEvent(
                            id: EventID(stored: "e\(number)"), user: user, content: content, at: now, recordedAt: time,
                            periodNumber: account.periodNumber, settlement: settlement, sequence: account.version)
                    )
                ]
            }
            let change = AccountChange(tenant: tenant, before: stored, after: account, step: isStep ? .terms(nil) : nil, at: now)
            let keeps = before.version / 16 != account.version / 16
            try store.blockingTransaction { transaction in
                let kept = keeps ? [AccountKey(tenant: tenant, user: user): account] : [:]
                try UsageEvents.insert(events, keeping: kept, in: transaction)
                if isStep || keeps { try Accounts.save([change], in: transaction) }
            }
            if isStep || keeps { account = change.stored }
            stored = account
            states.append((account.loggedAt ?? now, State(account)))
        }
        return states
    }

    @Test func `At each millisecond it is as the last entry up to it left it, and the times of entries never go back`() async throws {
        try await withStore { store in
            let states = try fill(store)
            #expect(zip(states, states.dropFirst()).allSatisfy { $0.time <= $1.time })
            #expect(try isUnopened(start.adding(milliseconds: -41), store))
            for milliseconds in stride(from: Int64(-40), to: 400, by: 1) {
                let time = start.adding(milliseconds: milliseconds)
                #expect(try state(time, store) == states.last { $0.time <= time }?.state, "\(milliseconds) ms")
            }
        }
    }

    @Test func `A database from before states were kept is known from its accounts' documents on, and its upgrade may be broken off`()
        async throws
    {
        try await withStore { store in
            let states = try fill(store)
            let account = try store.blockingRead { try Accounts.find(user, of: tenant, $0) }
            let document = try store.database.withConnection { connection in
                _ = try connection.updateMany("usage_events", [:], ["$unset": ["account": "", "subscription": ""]])
                _ = try connection.updateMany("usage_events", ["step": true], ["$unset": ["recorded_at": ""]])
                _ = try connection.updateMany("token_usage", [:], ["$unset": ["logged_at": ""]])
                return try connection.findOne("token_usage", [:])
            }
            let number = try #require(try document?.int64("sequence"))
            for _ in 0..<2 {
                try store.database.withConnection { try Accounts.beginPasts($0, now: start.adding(days: 1)) }
            }
            #expect(try store.blockingRead { try Accounts.find(user, of: tenant, $0) }?.meters == account?.meters)
            for (index, next) in states.enumerated() where index + 1 == states.count || states[index + 1].time != next.time {
                if index + 1 >= number {
                    #expect(try state(next.time, store) == next.state, "entry \(index + 1)")
                } else {
                    #expect(try beginning(next.time, store) == states[Int(number) - 1].time, "entry \(index + 1)")
                }
            }
        }
    }

    @Test func `An account whose document stands at a step begins with the entry after it, or at the upgrade`() async throws {
        try await withStore { store in
            var account = Account.opened(for: user, free: plan(tokens: 1_000), at: start)
            let change = AccountChange(tenant: tenant, before: nil, after: account, at: start)
            try store.blockingTransaction { try Accounts.save([change], in: $0) }
            account = change.stored
            try store.database.withConnection { connection in
                _ = try connection.updateMany("usage_events", [:], ["$unset": ["account": "", "recorded_at": ""]])
                try Accounts.beginPasts(connection, now: start.adding(days: 1))
            }
            #expect(try beginning(start.adding(milliseconds: 86_399_999), store) == start.adding(days: 1))
            #expect(try state(start.adding(days: 1), store) == State(account))
        }
    }
}
