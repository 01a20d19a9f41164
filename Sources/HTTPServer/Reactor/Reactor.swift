internal import CSystem
internal import Glibc
internal import HTTP

/// The one thread that owns every connection: it reads, parses, keeps deadlines and writes. It blocks only in `epoll_wait`.
final class Reactor {
    let configuration: ServerConfiguration
    let application: Application
    let mailbox: Mailbox
    let executor: ReactorExecutor
    let gauges: GaugeBoard
    var epoll: Epoll
    /// Nil once the server drains.
    var listener: Listener?
    let listenerToken: Token
    let mailboxToken: Token

    var connections = ConnectionTable()
    /// The connections to serve in this turn, each once.
    var touched: [Connection] = []
    var clock = ReactorClock()
    var wheel: DeadlineWheel
    var acceptGate = AcceptGate()
    /// Requests that the handler has not answered.
    var inFlight = 0
    /// Bytes of requests and responses kept for all connections.
    var bufferedBytes = 0
    /// The time by which the drain must be over, in nanoseconds; nil while the server serves.
    var drainDeadline: UInt64?
    /// The buffer of `recv`, shared by all connections.
    var input = [UInt8](repeating: 0, count: 64 * 1024)
    /// The storage for the next messages, empty.
    private var spareMessages: [ReactorMessage] = []
    /// Empty arrays with storage for output buffers, shared by all connections, because few send at the same time.
    var spareStorage: [[UInt8]] = []

    init(
        _ configuration: ServerConfiguration, _ application: Application, _ mailbox: Mailbox, _ gauges: GaugeBoard,
        _ listener: consuming Listener
    ) throws(SystemError) {
        self.configuration = configuration
        self.application = application
        self.mailbox = mailbox
        executor = ReactorExecutor(mailbox)
        self.gauges = gauges
        wheel = DeadlineWheel(now: clock.now)
        listenerToken = Token(file: listener.file, serial: 0)
        mailboxToken = Token(file: mailbox.file, serial: 0)
        epoll = try Epoll()
        try epoll.add(listener.file, .input, listenerToken)
        try epoll.add(mailbox.file, .input, mailboxToken)
        self.listener = consume listener
    }

    /// Runs until the server is drained.
    func run() {
        while !isDrained { turn() }
        for connection in connections.all { close(connection) }
        for message in mailbox.close() { release(message) }
        publish()
    }

    private func turn() {
        let events = epoll.wait(milliseconds: mailbox.rest() ? millisecondsToWait() : 0)
        mailbox.wake()
        clock.read()
        for event in events { handle(event) }
        serveTouched()
        receiveMessages()
        expireDeadlines()
        resumeAccepting()
        publish()
    }

    private func handle(_ event: shopmeter_event) {
        let token = Token(packed: event.token)
        if token == mailboxToken {
            mailbox.clearSignal()
        } else if token == listenerToken {
            acceptSome()
        } else if let connection = connections[token] {
            handle(Epoll.Interest(rawValue: event.events), of: connection)
        }
    }

    /// Receives messages for some rounds, as tasks that run here post further ones; what then is left waits for the next turn.
    private func receiveMessages() {
        for _ in 0..<Self.rounds {
            var messages = spareMessages
            spareMessages = []
            mailbox.exchange(&messages)
            let isOver = messages.isEmpty
            for message in messages { receive(message) }
            messages.removeAll(keepingCapacity: true)
            spareMessages = messages
            if isOver { return }
            serveTouched()
        }
    }

    private static let rounds = 4

    private func handle(_ ready: Epoll.Interest, of connection: Connection) {
        if !ready.isDisjoint(with: .broken), !ready.contains(.input) { return close(connection) }
        if ready.contains(.input) { read(connection) }
        touch(connection)
    }

    private func millisecondsToWait() -> Int32 {
        let times = [drainDeadline, acceptGate.pausedUntil].compactMap { $0 }.map { Int32(clamping: millisecondsUntil($0)) }
        let toDeadline = wheel.millisecondsToNext(now: clock.now)
        return (times + (toDeadline < 0 ? [] : [toDeadline])).min() ?? -1
    }

    private func millisecondsUntil(_ time: UInt64) -> UInt64 {
        time <= clock.now ? 0 : (time - clock.now) / 1_000_000 + 1
    }

    private func publish() {
        gauges.set(Gauges(connections: connections.count, inFlight: inFlight, bufferedBytes: bufferedBytes))
    }
}
