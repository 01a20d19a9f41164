internal import Store
internal import Synchronization

/// Values that authentication read lately, so that most requests need no look-up. A value is used for at most 4 s after it was read.
final class AuthenticationCache<ID: Hashable & Sendable, Value: Sendable>: Sendable {
    struct Entry: Sendable {
        let value: Value
        var readAt: ContinuousClock.Instant
    }

    enum Answer: Sendable {
        case fresh(Value)
        /// A value that is still trusted; the caller who gets it reads it again.
        case aging(Value)
        case unknown
    }

    private let entries = Mutex<[ID: Entry]>([:])

    /// The remembered value of `id`, else the value that `read` returns, which is remembered unless it is nil.
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
            // This caller reads it again; for other callers it is fresh for the last second of its trust.
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
        guard let value = try await Share.$current.withValue(.urgent, operation: { try await read(id) }) else {
            forget(id)
            return nil
        }
        remember(value, of: id, readAt: asked)
        return value
    }
}

/// For how long a value is trusted, and how many values are kept.
private enum CacheTrust {
    /// A revoked key stops within 5 s on every instance: this, and less than a second for the reading.
    static let trusted: Duration = .seconds(4)
    static let fresh: Duration = .seconds(2)
    static let capacity = 10_000
}
