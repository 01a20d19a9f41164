internal import Glibc
internal import HTTP

/// Each connection has one read deadline, which begins anew with each thing that the client must do, one write deadline, at which the client
/// must have taken enough bytes, and one deadline of its handlers' next answer.
extension Reactor {
    func updateDeadline(_ connection: Connection) {
        let wait = Connection.Wait(kind: waitKind(connection), request: connection.responses.total)
        if wait != connection.wait {
            connection.wait = wait
            connection.readDeadline = duration(of: wait.kind).map { clock.now + $0.nanoseconds } ?? DeadlineWheel.never
        }
        connection.answerDeadline = connection.responses.deadline
        schedule(connection)
    }

    private func waitKind(_ connection: Connection) -> Connection.Wait.Kind {
        if connection.closing == .lingering { return .close }
        guard connection.takesRequests, !connection.inputEnded, !connection.isHeldBack else { return .nothing }
        switch connection.parser.phase {
        case .head: return .header
        case .body: return .body
        case .idle: return connection.responses.isEmpty && connection.output.isEmpty ? .request : .nothing
        case .stopped: return .nothing
        }
    }

    private func duration(of kind: Connection.Wait.Kind) -> Duration? {
        switch kind {
        case .nothing: nil
        case .request: configuration.deadlines.idle
        case .header: configuration.deadlines.header
        case .body: configuration.deadlines.body
        case .close: configuration.deadlines.linger
        }
    }

    private func schedule(_ connection: Connection) {
        let tick = wheel.tick(of: connection.deadline)
        guard tick < connection.scheduledTick else { return }
        connection.scheduledTick = tick
        wheel.insert(connection.token, tick: tick)
    }

    func expireDeadlines() {
        for entry in wheel.advance(to: clock.now) {
            guard let connection = connections[entry.token], connection.scheduledTick == entry.tick else { continue }
            connection.scheduledTick = DeadlineWheel.never
            if connection.deadline <= clock.now { expire(connection) } else { schedule(connection) }
        }
        serveTouched()
    }

    private func expire(_ connection: Connection) {
        if connection.writeDeadline <= clock.now, !tookEnough(connection) {
            connection.descriptor.resetOnClose()
            return close(connection)
        }
        // After `giveUp` nothing is read any more.
        if connection.answerDeadline <= clock.now {
            giveUp(connection)
        } else if connection.readDeadline <= clock.now {
            expireReading(connection)
        }
        touch(connection)
    }

    private func expireReading(_ connection: Connection) {
        switch connection.wait.kind {
        case .header: abandonInput(connection, .slowHeader)
        case .body: abandonInput(connection, .slowBody)
        case .nothing, .request, .close: close(connection)
        }
    }

    /// Answers for a handler that took too long, as the connection's last answer: what follows it would wait for that handler.
    private func giveUp(_ connection: Connection) {
        connection.responses.giveUp(at: clock.now) { application.errorResponse(.tookTooLong, $0) }
        connection.takesRequests = false
        connection.held = nil
    }
}

/// The rate at which a client takes bytes, measured anew over each `writeStall` in which bytes are unsent.
extension Reactor {
    func measureRate(of connection: Connection) {
        connection.takenBefore = connection.taken
        connection.writeDeadline = clock.now + configuration.deadlines.writeStall.nanoseconds
    }

    /// Whether the client kept the least rate; the next measure begins.
    private func tookEnough(_ connection: Connection) -> Bool {
        let least = Double(configuration.leastRate) * (configuration.deadlines.writeStall / .seconds(1))
        let isEnough = Double(connection.taken - connection.takenBefore) >= max(least, 1)
        measureRate(of: connection)
        return isEnough
    }
}

/// The time, read once a turn of the reactor.
struct ReactorClock {
    /// Monotonic, in nanoseconds.
    private(set) var now: UInt64 = 0
    /// The value of a `Date` field.
    private(set) var date = ""
    private var second = -1

    init() {
        read()
    }

    mutating func read() {
        var monotonic = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &monotonic)
        now = UInt64(monotonic.tv_sec) * 1_000_000_000 + UInt64(monotonic.tv_nsec)
        let wall = time(nil)
        if wall != second {
            second = wall
            date = HTTPDate.text(seconds: max(wall, 0))
        }
    }
}

extension Duration {
    /// A negative duration is 0.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        return UInt64(max(seconds, 0)) * 1_000_000_000 + UInt64(max(attoseconds, 0) / 1_000_000_000)
    }
}
