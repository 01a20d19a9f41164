internal import Synchronization

/// What authentication read lately, so that a request costs no look-up. What is here is at most `trusted` old.
final class AuthenticationCache<ID: Hashable & Sendable, Value: Sendable>: Sendable {
    struct Entry: Sendable {
        let value: Value
        var readAt: ContinuousClock.Instant
    }

    enum Answer: Sendable {
        case fresh(Value)
        /// Still trusted, but the caller who gets this is the one to read it again.
        case aging(Value)
        case unknown
    }

    private let entries = Mutex<[ID: Entry]>([:])

    /// What is remembered of `id`, else what `read` finds; nil, and nothing remembered, when it finds nothing.
    func value(of id: ID, read: (ID) async throws -> Value?) async throws -> Value? {
        switch find(id) {
        case .fresh(let value): return value
        case .aging(let value):
            do { return try await readAgain(id, read) } catch { return value }
        case .unknown: return try await readAgain(id, read)
        }
    }

    func find(_ id: ID, at now: ContinuousClock.Instant = .now) -> Answer {
        entries.withLock { entries in
            guard let entry = entries[id], now - entry.readAt < CacheTrust.trusted else { return .unknown }
            let isFresh = now - entry.readAt < CacheTrust.fresh
            guard !isFresh, now - entry.readAt < CacheTrust.trusted - .seconds(1) else { return .fresh(entry.value) }
            // One caller refreshes it: for the others it is fresh again for the last second of its trust.
            entries[id]?.readAt = now - (CacheTrust.trusted - .seconds(1))
            return .aging(entry.value)
        }
    }

    func remember(_ value: Value, of id: ID, readAt: ContinuousClock.Instant) {
        entries.withLock { entries in
            if entries.count >= CacheTrust.capacity { entries.removeAll(keepingCapacity: true) }
            entries[id] = Entry(value: value, readAt: readAt)
        }
    }

    func forget(_ id: ID) { entries.withLock { $0[id] = nil } }

    private func readAgain(_ id: ID, _ read: (ID) async throws -> Value?) async throws -> Value? {
        let asked = ContinuousClock.now
        guard let value = try await read(id) else {
            forget(id)
            return nil
        }
        remember(value, of: id, readAt: asked)
        return value
    }
}

/// How long and how much is remembered.
private enum CacheTrust {
    /// What is revoked stops within 5 s on every instance; reading it takes less than the rest.
    static let trusted: Duration = .seconds(4)
    static let fresh: Duration = .seconds(2)
    static let capacity = 10_000
}
