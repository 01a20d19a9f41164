internal import Metering
internal import Store

/// When the documents of quiet accounts follow their logs.
package struct CheckpointPace: Sendable {
    /// How long an account must have been quiet.
    package var after: Duration
    /// How long a stop stores such documents at most.
    static let lastCall = Duration.seconds(2)
    /// The maximum of documents in one transaction.
    static let group = 250

    package init(after: Duration = .seconds(10)) { self.after = after }
}

extension ShopMeter {
    /// Stores the documents that a process which was killed left behind their logs, as far as they are among the last entries. Returns how many. Whoever
    /// stores one of them meanwhile goes first.
    package func storeLeftDocuments() async throws -> Int {
        let keys = try await read { try UsageEvents.lastAccounts(limit: 1_000_000, within: 600_000, $0) }
        let groups = stride(from: 0, to: keys.count, by: CheckpointPace.group).map {
            Array(keys[$0..<min($0 + CheckpointPace.group, keys.count)])
        }
        var stored = 0
        for group in groups {
            try Task.checkCancellation()
            stored += (try? await storeDocuments(of: group)) ?? 0
        }
        return stored
    }

    private func storeDocuments(of keys: [AccountKey]) async throws -> Int {
        try await transaction { transaction in
            let changes = try Accounts.find(keys, transaction).compactMap { AccountChange(tenant: $0.tenant, checkpointOf: $1) }
            try Accounts.save(changes, in: transaction)
            return changes.count
        }
    }
}

/// An account with less than sixteen events after its document is stored when it has been quiet, so that no reader has to add them up for ever.
extension AccountCommitter {
    func tend(_ memory: inout AccountMemory, at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        let keys = memory.behind.take(quietSince: now - pace.after, limit: CheckpointPace.group)
        storeDocuments(of: keys, remembering: &memory, by: now + GroupPatience.limit)
        return memory.behind.next(after: pace.after)
    }

    func finish(_ memory: inout AccountMemory) {
        let end = ContinuousClock.now + CheckpointPace.lastCall
        while .now < end {
            let keys = memory.behind.take(quietSince: .now, limit: CheckpointPace.group)
            guard !keys.isEmpty else { return }
            storeDocuments(of: keys, remembering: &memory, by: end)
        }
    }

    /// Stores the documents, each on condition that it stands where it was read. Where that cannot be, the account is left to its next event.
    private func storeDocuments(of keys: [AccountKey], remembering memory: inout AccountMemory, by deadline: ContinuousClock.Instant) {
        guard !keys.isEmpty else { return }
        do {
            let changes = try Deadline.$current.withValue(Deadline(at: deadline)) {
                try save(keys, remembering: &memory)
            }
            for (key, account) in changes { memory.remember(account, of: key) }
        } catch let error as StoreError where keys.count > 1 && (error.kind == .conflict || error.kind == .contended) {
            memory.forget(keys)
            memory.unlearn(Set(keys.map(\.tenant)))
            storeDocuments(of: Array(keys[..<(keys.count / 2)]), remembering: &memory, by: deadline)
            storeDocuments(of: Array(keys[(keys.count / 2)...]), remembering: &memory, by: deadline)
        } catch {
            memory.forget(keys)
        }
    }

    private func save(_ keys: [AccountKey], remembering memory: inout AccountMemory) throws -> [(AccountKey, Account)] {
        let erasures = try memory.learn(Set(keys.map(\.tenant)), settler.reader.erasures)
        var accounts: [AccountKey: Account] = [:]
        for key in keys { accounts[key] = memory[key] }
        accounts.merge(try settler.reader.accounts(keys.filter { accounts[$0] == nil })) { $1 }
        let changes = accounts.compactMap { AccountChange(tenant: $0.tenant, checkpointOf: $1) }
        guard !changes.isEmpty else { return [] }
        try store.blockingTransaction { transaction in
            try Erasures.require(erasures, in: transaction)
            try Accounts.save(changes, in: transaction)
        }
        return changes.map { (AccountKey(tenant: $0.tenant, user: $0.after.user), $0.stored) }
    }
}
