internal import Foundation
package import HTTP
internal import Synchronization

/// An HTTP/1.1 server on one thread of its own; handlers run in tasks.
package final class Server: Sendable {
    private struct State {
        var mailbox: Mailbox?
        var isStarted = false
        var isEnded = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    /// What is going on.
    package let gauges = Gauges()
    private let configuration: ServerConfiguration
    private let application: Application
    private let state = Mutex(State())

    /// - Parameters:
    ///   - refuse: makes the answer to what never reaches the handler; it gets the request's headers as far as they are known, must not
    ///     block, and must give bytes, not a stream.
    ///   - handler: answers a request. It is not cancelled when its client goes away.
    package init(
        _ configuration: ServerConfiguration,
        refuse: @escaping @Sendable (RequestError, Headers) -> Response,
        handler: @escaping @Sendable (Request) async -> Response
    ) {
        self.configuration = configuration
        application = Application(refuse: refuse, handler: handler)
    }

    /// Listens, and starts the thread. A server starts once.
    /// - Returns: the port.
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
        let reactor = Handover(try Reactor(configuration, application, mailbox, gauges, listener))
        state.withLock { $0.mailbox = mailbox }
        let thread = Thread {
            reactor.value.run()
            self.end()
        }
        thread.name = "http"
        thread.start()
        return port
    }

    /// Stops accepting, finishes what is in flight, closes and ends the thread; returns when that is done, or at the drain deadline at
    /// the latest. A second call waits for the same end; a server that never started has nothing to drain.
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

/// Carries the reactor to its thread. Unchecked, as it is made on one thread and used on the other only afterwards.
private struct Handover: @unchecked Sendable {
    let value: Reactor

    init(_ value: Reactor) {
        self.value = value
    }
}
