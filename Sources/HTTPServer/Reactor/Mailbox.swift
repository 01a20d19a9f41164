internal import CSystem
internal import Glibc
internal import HTTP
internal import Synchronization

/// The name of one pending response: its connection, and its sequence number there.
struct ResponseTicket: Sendable {
    let connection: Token
    let sequence: UInt64
}

/// A message from another thread to the reactor.
enum ReactorMessage: Sendable {
    /// The whole response.
    case answered(ResponseTicket, Response)
    /// The head of a streamed response, whose body the writer posts in pieces.
    case streaming(ResponseTicket, Response, StreamWriter)
    case piece(ResponseTicket, [UInt8])
    /// The end of a streamed body, whole or broken off.
    case ended(ResponseTicket, isWhole: Bool)
    case drain
}

/// The queue of messages to the reactor. The first message of a batch wakes it through an eventfd.
final class Mailbox: Sendable {
    private struct State {
        var messages: [ReactorMessage] = []
        var isSignalled = false
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
            defer { state.isSignalled = true }
            return !state.isSignalled
        }
        if mustSignal == true { _ = eventfd_write(event.raw, 1) }
        return mustSignal != nil
    }

    /// Removes and returns all messages. The next `post` wakes the reactor again.
    func take() -> [ReactorMessage] {
        var count: eventfd_t = 0
        _ = unsafe eventfd_read(event.raw, &count)
        return state.withLock { state in
            defer {
                state.messages = []
                state.isSignalled = false
            }
            return state.messages
        }
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
