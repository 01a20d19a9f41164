internal import CSystem
internal import Glibc
internal import HTTP
internal import Synchronization

/// The name of one pending response: its connection, and its sequence number there.
struct ResponseTicket: Sendable {
    let connection: Token
    let sequence: UInt64
}

/// A message to the reactor.
enum ReactorMessage: Sendable {
    /// The next step of a task that runs on the reactor's thread.
    case job(UnownedJob)
    /// The whole response.
    case answered(ResponseTicket, Response)
    /// The head of a streamed response, whose body the writer posts in pieces.
    case streaming(ResponseTicket, Response, StreamWriter)
    case piece(ResponseTicket, [UInt8])
    /// The end of a streamed body, whole or broken off.
    case ended(ResponseTicket, isWhole: Bool)
    case drain
}

/// The queue of messages to the reactor. A message wakes it by an eventfd only while it waits, so that messages which come together, or while it
/// is at work, cost one wake-up at most.
final class Mailbox: Sendable {
    private struct State {
        var messages: [ReactorMessage] = []
        /// Whether the reactor looks for messages before it waits again.
        var isAwake = true
        var isClosed = false
    }

    private let state = Mutex(State())
    private let event: Descriptor

    var file: Int32 { event.raw }

    init() throws(SystemError) {
        event = Descriptor(owning: try SystemError.check("eventfd", shopmeter_eventfd()))
    }

    /// - Returns: false when the reactor has ended and takes no message.
    @discardableResult
    func post(_ message: sending ReactorMessage) -> Bool {
        let mustSignal = state.withLock { state -> Bool? in
            if state.isClosed { return nil }
            state.messages.append(message)
            defer { state.isAwake = true }
            return !state.isAwake
        }
        if mustSignal == true { _ = eventfd_write(event.raw, 1) }
        return mustSignal != nil
    }

    /// Whether there is no message; then the next `post` wakes the reactor.
    func rest() -> Bool {
        state.withLock { state in
            state.isAwake = !state.messages.isEmpty
            return !state.isAwake
        }
    }

    /// Tells whoever posts that the reactor looks for messages before it waits again.
    func wake() { state.withLock { $0.isAwake = true } }

    /// Takes back the signal that woke the reactor.
    func clearSignal() {
        var count: eventfd_t = 0
        _ = unsafe eventfd_read(event.raw, &count)
    }

    /// Exchanges the messages for `empty`, whose storage the next ones take.
    func exchange(_ empty: inout [ReactorMessage]) {
        state.withLock { swap(&$0.messages, &empty) }
    }

    /// Refuses every later message.
    /// - Returns: the messages that were not taken.
    func close() -> [ReactorMessage] {
        state.withLock { state in
            defer { state = State(isClosed: true) }
            return state.messages
        }
    }
}
