internal import Synchronization

/// Runs bodies with the same key one after another, in the order of their calls, so that they do not meet in the database, where all but one
/// would start again. A caller that waits holds no thread. This is for speed alone: between instances, transactions keep the order.
final class KeyedMutex<Key: Hashable & Sendable>: Sendable {
    /// The waiting callers of each key that is locked; an empty line when nobody waits.
    private let lines = Mutex<[Key: [CheckedContinuation<Void, Never>]]>([:])

    func withLock<Result>(_ key: Key, _ body: () async throws -> Result) async rethrows -> Result {
        await wait(for: key)
        defer { pass(key) }
        return try await body()
    }

    private func wait(for key: Key) async {
        await withCheckedContinuation { continuation in
            let isFree = lines.withLock { lines in
                guard lines[key] != nil else {
                    lines[key] = []
                    return true
                }
                lines[key]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    private func pass(_ key: Key) {
        let next: CheckedContinuation<Void, Never>? = lines.withLock { lines in
            guard var line = lines[key], !line.isEmpty else {
                lines[key] = nil
                return nil
            }
            let next = line.removeFirst()
            lines[key] = line
            return next
        }
        next?.resume()
    }
}
