internal import CSystem
internal import Glibc
internal import HTTP
internal import Synchronization

/// Names one answer that a connection waits for.
struct ResponseTicket: Sendable {
    let connection: Token
    let sequence: UInt64
}

/// What other threads tell the reactor.
enum ReactorMessage: Sendable {
    case answered(ResponseTicket, Response)
    case streaming(ResponseTicket, Response, StreamWriter)
    case piece(ResponseTicket, [UInt8])
    case ended(ResponseTicket, isWhole: Bool)
    case drain
}

/// The reactor's queue; the first message of a batch wakes it, through an eventfd.
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

    /// - Returns: false when the reactor has ended and reads no more.
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

    /// Takes all messages; the next `post` wakes the reactor again.
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

    func close() -> [ReactorMessage] {
        state.withLock { state in
            defer { state = State(isClosed: true) }
            return state.messages
        }
    }
}
