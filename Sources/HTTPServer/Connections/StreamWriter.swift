internal import HTTP
internal import Synchronization

/// Posts a streamed body from its task to the reactor, and makes the task wait while the client reads too slowly.
final class StreamWriter: BodyWriter {
    /// The client is gone, or the server has stopped.
    struct Cut: Error {}

    private struct State {
        /// Bytes posted that the reactor has not yet moved to the connection's output.
        var pending = 0
        var isCut = false
        var waiting: [CheckedContinuation<Void, any Error>] = []

        mutating func takeWaiting() -> [CheckedContinuation<Void, any Error>] {
            defer { waiting = [] }
            return waiting
        }
    }

    private let ticket: ResponseTicket
    private let mailbox: Mailbox
    private let window: Int
    private let state = Mutex(State())

    /// - Parameter window: pending bytes above which `write` waits.
    init(ticket: ResponseTicket, mailbox: Mailbox, window: Int) {
        self.ticket = ticket
        self.mailbox = mailbox
        self.window = window
    }

    func write(_ bytes: [UInt8]) async throws {
        if bytes.isEmpty { return }
        let isCut = state.withLock { state in
            state.pending += bytes.count
            return state.isCut
        }
        guard !isCut, mailbox.post(.piece(ticket, bytes)) else { throw Cut() }
        try await waitForRoom()
    }

    private func waitForRoom() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let result = state.withLock { state -> Result<Void, any Error>? in
                if state.isCut { return .failure(Cut()) }
                if state.pending <= window { return .success(()) }
                state.waiting.append(continuation)
                return nil
            }
            if let result { continuation.resume(with: result) }
        }
    }

    /// Is told by the reactor that it has moved `count` bytes to the output.
    func moved(_ count: Int) {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, any Error>] in
            state.pending -= count
            return state.pending <= window ? state.takeWaiting() : []
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Is told by the reactor that nobody reads the body; every `write` from now on throws.
    func cut() {
        let waiting = state.withLock { state in
            state.isCut = true
            return state.takeWaiting()
        }
        for continuation in waiting { continuation.resume(throwing: Cut()) }
    }
}
