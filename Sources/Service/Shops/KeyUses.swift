internal import Dispatch
internal import Metering
internal import Store
internal import Synchronization

/// Keeps when keys were used, beside the requests: nobody waits for it. Of a key's uses one in five minutes is written, by each instance.
final class KeyUses: Sendable {
    /// In milliseconds.
    static let precision: Int64 = 300_000
    /// The most keys that wait to be written; the uses of others are noted when they come again.
    private static let room = 1_000

    private struct State {
        /// When a use of the key was noted last.
        var noted = BoundedCache<KeyID, Timestamp>(capacity: 10_000)
        var waiting: [(key: StoredKey, time: Timestamp)] = []
        var isWriting = false
    }

    private let state = Mutex(State())
    private let store: MeterStore
    private let written = DispatchGroup()

    init(store: MeterStore) { self.store = store }

    func note(_ key: StoredKey, at now: Timestamp) {
        guard Self.isDue(key.key.lastUsedAt, now) else { return }
        let begins = state.withLock { state in
            let id = key.key.id
            guard Self.isDue(state.noted.use(id), now), state.waiting.count < Self.room else { return false }
            state.noted[id] = now
            state.waiting.append((key, now))
            defer { state.isWriting = true }
            return !state.isWriting
        }
        guard begins else { return }
        written.enter()
        // Of its own: a request's deadline and its place are not the writer's.
        Task.detached { [self] in
            while let next = take() {
                // What cannot be written now is noted again with a later use.
                try? await store.write { try APIKeys.noteUse(of: next.key, at: next.time, $0) }
            }
            written.leave()
        }
    }

    /// Waits until what is under way is written, for at most a second.
    func drain() { _ = written.wait(timeout: .now() + .seconds(1)) }

    private static func isDue(_ last: Timestamp?, _ now: Timestamp) -> Bool {
        last.map { now.milliseconds - $0.milliseconds >= precision } ?? true
    }

    /// Nil when nothing waits; then the next note begins anew.
    private func take() -> (key: StoredKey, time: Timestamp)? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isWriting = false
                return nil
            }
            return state.waiting.removeFirst()
        }
    }
}
