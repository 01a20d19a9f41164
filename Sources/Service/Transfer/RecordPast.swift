package import Metering
internal import Store

/// What becomes of imported events.
package enum ImportEffect: Sendable {
    /// Each counts in the period of its own time.
    case counts
    /// They are kept in the log, and no balance changes.
    case historyOnly
}

extension ShopMeter {
    /// By how much an event may be ahead of the shop's clock.
    private static let ahead: Int64 = 300_000
    /// Users whose events are recorded at once.
    private static let usersAtOnce = 4

    /// Records imported events of one shop, each in the period of its own time: those of the present period as any event, those of earlier ones by
    /// `AccountHistory`. Outcomes are in the order of the events.
    package func recordImported(_ commands: [UsageCommand], _ effect: ImportEffect, of tenant: Tenant) async throws -> [UsageOutcome] {
        let now = try await now(of: tenant)
        let starts = try await presentStarts(of: Set(commands.map(\.user)), in: tenant, at: now)
        var (outcomes, past, present): ([UsageOutcome?], [Int], [Int]) = (Array(repeating: nil, count: commands.count), [], [])
        for (index, command) in commands.enumerated() {
            let time = command.content.occurredAt ?? now
            if let refusal = Self.refusal(of: time, at: now) {
                outcomes[index] = .failure(refusal)
            } else if effect == .historyOnly || time < starts[command.user] ?? Period.calendarMonth(of: now).start {
                past.append(index)
            } else {
                present.append(index)
            }
        }
        for (index, outcome) in try await recordPast(past, of: commands, effect, of: tenant, at: now) { outcomes[index] = outcome }
        for first in stride(from: 0, to: present.count, by: Self.maximumBatch) {
            let slice = present[first..<min(first + Self.maximumBatch, present.count)]
            for (index, outcome) in zip(slice, await recordUsage(slice.map { commands[$0] })) { outcomes[index] = outcome }
        }
        return outcomes.map { $0 ?? .failure(.fault("An imported event got no answer.")) }
    }

    /// Why an event of that time is not taken; nil when it is.
    fileprivate static func refusal(of time: Timestamp, at now: Timestamp) -> ServiceError? {
        guard time.milliseconds > now.milliseconds + ahead else { return nil }
        return .invalid(field: "time", expected: "a time that has passed by the shop's clock, which says \(now.rfc3339)")
    }

    /// Where the users' present periods begin, after those that are due were closed. A user without an account is left out.
    private func presentStarts(of users: Set<UserID>, in tenant: Tenant, at now: Timestamp) async throws -> [UserID: Timestamp] {
        let users = users.sorted()
        var starts: [UserID: Timestamp] = [:]
        for first in stride(from: 0, to: users.count, by: Self.accountsAtOnce) {
            let some = Array(users[first..<min(first + Self.accountsAtOnce, users.count)])
            var periods = try await self.periods(of: some, in: tenant)
            var due = some.filter { periods[$0]?.isDue(at: now) ?? false }
            if !due.isEmpty {
                while !due.isEmpty { due = try await closePeriods(of: due, in: tenant, at: now, lease: nil).left }
                periods = try await self.periods(of: some, in: tenant)
            }
            starts.merge(periods.mapValues(\.start)) { $1 }
        }
        return starts
    }

    private static let accountsAtOnce = 500

    private func periods(of users: [UserID], in tenant: Tenant) async throws -> [UserID: Period] {
        try await read { reading in
            let accounts = try Accounts.find(users.map { AccountKey(tenant: tenant, user: $0) }, reading)
            return Dictionary(accounts.values.map { ($0.user, $0.period) }) { first, _ in first }
        }
    }

    /// Records those of the commands, each user's in one transaction, some users at once.
    private func recordPast(
        _ indices: [Int], of commands: [UsageCommand], _ effect: ImportEffect, of tenant: Tenant, at now: Timestamp
    ) async throws -> [(Int, UsageOutcome)] {
        let byUser = Dictionary(grouping: indices) { commands[$0].user }
        var users = byUser.sorted { $0.key < $1.key }.makeIterator()
        return try await withThrowingTaskGroup(of: [(Int, UsageOutcome)].self) { group in
            var outcomes: [(Int, UsageOutcome)] = []
            func startOne() {
                guard let (user, indices) = users.next() else { return }
                // The earliest first, as it decides how far back the account reaches.
                let inOrder = indices.sorted { (commands[$0].content.occurredAt ?? now) < (commands[$1].content.occurredAt ?? now) }
                let some = inOrder.map { commands[$0] }
                group.addTask {
                    Array(zip(inOrder, try await self.recordPast(some, effect, for: user, of: tenant, at: now)))
                }
            }
            for _ in 0..<Self.usersAtOnce { startOne() }
            while let answers = try await group.next() {
                outcomes += answers
                startOne()
            }
            return outcomes
        }
    }

    /// In one transaction, once more where the account moved meanwhile.
    private func recordPast(
        _ commands: [UsageCommand], _ effect: ImportEffect, for user: UserID, of tenant: Tenant, at now: Timestamp
    ) async throws -> [UsageOutcome] {
        let settings = settings
        let body: @Sendable () async throws -> [UsageOutcome] = {
            try await self.transaction { transaction in
                var past = try PastRecording(user, of: tenant, settings: settings, at: now, transaction)
                let known = try UsageEvents.find(commands.map(\.key), transaction)
                let outcomes = try commands.map { try past.outcome(of: $0, known: known, effect, transaction) }
                try past.save(in: transaction)
                return outcomes
            }
        }
        for _ in 0..<Self.movings {
            do { return try await retryingDuplicates(body) } catch ServiceError.conflict { continue }
        }
        return try await retryingDuplicates(body)
    }

    private static let movings = 5
}

/// What an import would do to a user.
package struct ImportedUser: Sendable {
    package let user: UserID
    /// In the order of the events.
    package let outcomes: [UsageOutcome]
    /// How many closed periods would be others.
    package let periods: Int
    /// What the user would be over in the present period, in words; nil when nothing.
    package let excess: String?
}

extension ShopMeter {
    /// Works out what `recordImported` would do with a user's events, and stores nothing.
    package func previewImported(
        _ commands: [UsageCommand], _ effect: ImportEffect, for user: UserID, of tenant: Tenant
    ) async throws -> ImportedUser {
        let (now, settings) = (try await now(of: tenant), settings)
        return try await read { reading in
            var past = try PastRecording(user, of: tenant, settings: settings, at: now, reading)
            let known = try UsageEvents.find(commands.map(\.key), reading)
            let inOrder = commands.indices.sorted { (commands[$0].content.occurredAt ?? now) < (commands[$1].content.occurredAt ?? now) }
            var outcomes: [Int: UsageOutcome] = [:]
            for index in inOrder { outcomes[index] = try past.preview(of: commands[index], known: known, effect, reading) }
            let (account, periods) = past.ended()
            let excess = account.meters.filter { $0.rollover < 0 || $0.allowanceLeft == 0 && $0.used > 0 }.map { balance in
                "\(balance.meter) \(balance.used) of \(balance.limit.quantity ?? 0)"
                    + (balance.rollover < 0 ? ", debt \(-balance.rollover)" : "")
            }
            return ImportedUser(
                user: user, outcomes: commands.indices.map { outcomes[$0] ?? .failure(.fault("An event got no answer.")) },
                periods: periods,
                excess: excess.isEmpty ? nil : excess.joined(separator: "; "))
        }
    }
}

/// The past of a user as a transaction reads it, changes it and stores it.
private struct PastRecording {
    let tenant: Tenant
    let now: Timestamp
    private let free: Plan
    private let stored: Account?
    private var history: AccountHistory
    private var events: [EventID: RecordedEvent] = [:]
    private var order: [EventID] = []
    /// Whether months may be put before the first period; nil: not looked at yet.
    private var mayReachBack: Bool?

    init(_ user: UserID, of tenant: Tenant, settings: Settings, at now: Timestamp, _ reading: Reading) throws {
        self.tenant = tenant
        self.now = now
        // A preview sees the periods as closed that are due; a recording has closed them before.
        let loaded = try LoadedBillingState(of: user, tenant: tenant, settings: settings, at: now, reading)
        (free, stored) = (loaded.terms.free, loaded.stored)
        let account = loaded.state.account
        history = AccountHistory(account, closes: try PeriodCloses.all(of: user, in: tenant, reading) + account.closed)
    }

    mutating func outcome(
        of command: UsageCommand, known: [EventKey: RecordedEvent], _ effect: ImportEffect, _ reading: Reading
    ) throws -> UsageOutcome {
        if let first = known[command.key] ?? events[command.event] { return command.answer(recordedAs: first) }
        let at = command.content.occurredAt ?? now
        do {
            guard let event = try effect == .historyOnly ? Self.history(command, at: at, now) : record(command, at: at, reading) else {
                let sentence =
                    "a time from \(history.start.rfc3339) on, when the user's first period began; --history-only keeps earlier ones"
                return .failure(.invalid(field: "time", expected: sentence))
            }
            events[event.id] = event
            order.append(event.id)
            return .success(UsageAnswer(event: event, isDuplicate: false))
        } catch let refusal as UsageRefusal {
            return .failure(.usage(refusal))
        }
    }

    private mutating func record(_ command: UsageCommand, at time: Timestamp, _ reading: Reading) throws -> RecordedEvent? {
        if time < history.start, try reachesBack(reading), history.reach(back: min(time, command.opensFrom ?? time), free: free) {}
        return try history.record(command.event, command.content, at: time, recordedAt: now)
    }

    /// An event of no period.
    private static func history(_ command: UsageCommand, at time: Timestamp, _ now: Timestamp) -> RecordedEvent {
        RecordedEvent(
            id: command.event, user: command.user, content: command.content, at: time, recordedAt: now, periodNumber: 0,
            settlement: Settlement(breakdown: Breakdown(), used: 0, limit: .unlimited, remaining: nil, alerts: []))
    }

    /// Only an account that nothing was recorded or billed for may get other numbers of its periods.
    private mutating func reachesBack(_ reading: Reading) throws -> Bool {
        if let mayReachBack { return mayReachBack && events.values.allSatisfy { $0.periodNumber == 0 } }
        let user = history.account.user
        let isUnused = try EventList(of: user, in: TimeRange(from: nil, to: nil), meter: nil).page(
            of: tenant, after: nil, limit: 1, reading
        ).isEmpty
        let isUnbilled = try InvoiceList(of: user, status: nil).page(of: tenant, after: nil, limit: 1, reading).isEmpty
        // An adjustment names its period.
        let mayReachBack = try isUnused && isUnbilled && !Adjustments.hasAny(of: user, in: tenant, reading)
        self.mayReachBack = mayReachBack
        return mayReachBack && events.isEmpty
    }

    /// As `outcome`, and of an event of the present period, which is taken as any event is.
    mutating func preview(
        of command: UsageCommand, known: [EventKey: RecordedEvent], _ effect: ImportEffect, _ reading: Reading
    ) throws -> UsageOutcome {
        let at = command.content.occurredAt ?? now
        if let refusal = ShopMeter.refusal(of: at, at: now) { return .failure(refusal) }
        guard known[command.key] == nil, events[command.event] == nil, effect == .counts, at >= history.account.period.start else {
            return try outcome(of: command, known: known, effect, reading)
        }
        do {
            let event = try history.recordPresent(command.event, command.content, at: at, recordedAt: now)
            events[event.id] = event
            return .success(UsageAnswer(event: event, isDuplicate: false))
        } catch {
            return .failure(.usage(error))
        }
    }

    /// The account as it would be, and how many of its closed periods would be others.
    mutating func ended() -> (account: Account, periods: Int) {
        let closes = history.finish()
        return (history.account, closes.count)
    }

    mutating func save(in transaction: Transaction) throws {
        guard !events.isEmpty else { return }
        let closes = history.finish()
        if stored != history.account || stored == nil {
            try Accounts.save([AccountChange(tenant: tenant, before: stored, after: history.account, at: now)], in: transaction)
        }
        try PeriodCloses.replace(closes, of: history.account.user, in: tenant, transaction)
        try UsageEvents.insert(order.compactMap { id in events[id].map { (tenant, $0) } }, in: transaction)
    }
}
