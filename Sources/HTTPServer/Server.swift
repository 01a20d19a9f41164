internal import Foundation
package import HTTP
internal import Synchronization

/// An HTTP/1.1 server on a thread of its own.
package final class Server: Sendable {
    /// Has a request handled, and `answer` called once, on any thread. Runs on the server's thread and returns at once, with how long the answer,
    /// or the start of its stream, may take: `deadlines.grace` after that, the server answers with `RequestError.tookTooLong`, and drops the
    /// handler's answer. Nothing is cancelled when the client goes away, or the time is over.
    ///
    /// `executor` runs tasks on the server's thread, without a change of threads on their way: they must neither block nor compute for long.
    package typealias Handler =
        @Sendable (
            _ request: Request, _ executor: any TaskExecutor, _ answer: @escaping @Sendable (Response) -> Void
        ) -> Duration

    private struct State {
        var mailbox: Mailbox?
        var isStarted = false
        var isEnded = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let board: GaugeBoard
    private let configuration: ServerConfiguration
    private let application: Application
    private let state = Mutex(State())

    /// - Parameters:
    ///   - errorResponse: answers an input that the handler does not get. Its headers are those that were read before the error. It runs on
    ///     the server's thread: it must not block, and its body must be bytes, not a stream.
    ///   - board: where the server shows its gauges.
    package init(
        _ configuration: ServerConfiguration, errorResponse: @escaping @Sendable (RequestError, Headers) -> Response,
        board: GaugeBoard = GaugeBoard(), handler: @escaping Handler
    ) {
        self.configuration = configuration
        self.board = board
        application = Application(errorResponse: errorResponse, handler: handler)
    }

    package var gauges: Gauges { board.gauges }

    /// The gauges now, and after each turn of the reactor that changes them; a slow observer sees the newest only.
    package func gaugeUpdates() -> AsyncStream<Gauges> { board.updates() }

    /// Throws when the configured address cannot be listened on: a look before a start that takes long.
    package static func requireFree(_ configuration: ServerConfiguration) throws(StartError) {
        do { _ = try Listener(configuration) } catch { throw StartError(configuration, error) }
    }

    /// Listens, and starts the thread. A server starts once.
    /// - Returns: the port that it listens on.
    package func start() throws(StartError) -> UInt16 {
        let isFirst = state.withLock { state in
            defer { state.isStarted = true }
            return !state.isStarted
        }
        guard isFirst else { throw .alreadyStarted }
        do throws(SystemError) {
            return try listen()
        } catch {
            state.withLock { $0.isStarted = false }
            throw StartError(configuration, error)
        }
    }

    private func listen() throws(SystemError) -> UInt16 {
        let listener = try Listener(configuration)
        let port = listener.port
        let mailbox = try Mailbox()
        let reactor = Handover(try Reactor(configuration, application, mailbox, board, listener))
        state.withLock { $0.mailbox = mailbox }
        let thread = Thread {
            reactor.value.run()
            self.end()
        }
        thread.name = "http"
        thread.start()
        return port
    }

    /// Stops accepting, finishes the requests in flight, closes all connections and ends the thread. Returns when that is done, or at the
    /// drain deadline at the latest. A second call waits for the same end. For a server that never started it returns at once.
    package func drain() async {
        await withCheckedContinuation { continuation in
            let mailbox = state.withLock { state -> Mailbox? in
                guard let mailbox = state.mailbox, !state.isEnded else { return nil }
                state.waiting.append(continuation)
                return mailbox
            }
            if let mailbox { mailbox.post(.drain) } else { continuation.resume() }
        }
    }

    private func end() {
        let waiting = state.withLock { state in
            state.isEnded = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

/// Carries the reactor to its thread.
private struct Handover: @unchecked Sendable {  // The thread that makes the reactor never uses it after the other has started.
    let value: Reactor

    init(_ value: Reactor) {
        self.value = value
    }
}
