internal import Synchronization

/// Lets calls about one thing in one after another, so that they do not meet in the database, where all but one would have to start anew.
/// Waiting holds no thread. It is for speed alone: what several instances do at once is settled by their transactions.
final class KeyedMutex<Key: Hashable & Sendable>: Sendable {
    /// Callers in line for each key that somebody has; an entry without any is one who is alone.
    private let lines = Mutex<[Key: [CheckedContinuation<Void, Never>]]>([:])

    func take<Result>(_ key: Key, _ body: () async throws -> Result) async rethrows -> Result {
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
