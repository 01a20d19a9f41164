internal import Metering
internal import Store
internal import Synchronization

/// Keys that were read lately, so that a request costs no look-up. What is here is at most `trusted` old.
final class KeyCache: Sendable {
    struct Entry: Sendable {
        let key: APIKey
        let tenant: Tenant
        var readAt: ContinuousClock.Instant
    }

    enum Answer: Sendable {
        case fresh(Entry)
        /// Still trusted, but the caller who gets this is the one to read it again.
        case aging(Entry)
        case unknown
    }

    /// A revoked key stops within 5 s on every instance; reading one takes less than the rest.
    static let trusted: Duration = .seconds(4)
    static let fresh: Duration = .seconds(2)
    static let capacity = 10_000

    private let entries = Mutex<[KeyID: Entry]>([:])

    func find(_ id: KeyID, at now: ContinuousClock.Instant = .now) -> Answer {
        entries.withLock { entries in
            guard let entry = entries[id], now - entry.readAt < Self.trusted else { return .unknown }
            guard now - entry.readAt >= Self.fresh, now - entry.readAt < Self.trusted - .seconds(1) else { return .fresh(entry) }
            // One caller refreshes it: for the others it is fresh again for the last second of its trust.
            entries[id]?.readAt = now - (Self.trusted - .seconds(1))
            return .aging(entry)
        }
    }

    func remember(_ entry: Entry) {
        entries.withLock { entries in
            if entries.count >= Self.capacity { entries.removeAll(keepingCapacity: true) }
            entries[entry.key.id] = entry
        }
    }

    func forget(_ id: KeyID) { entries.withLock { $0[id] = nil } }
}
