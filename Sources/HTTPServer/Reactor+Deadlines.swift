internal import Glibc
internal import HTTP

/// Each connection has one read deadline, which begins anew with each thing that the client must do, and one write deadline.
extension Reactor {
    func updateDeadline(_ connection: Connection) {
        let wait = Connection.Wait(kind: waitKind(connection), request: connection.responses.total)
        if wait != connection.wait {
            connection.wait = wait
            connection.readDeadline = duration(of: wait.kind).map { clock.now + $0.nanoseconds } ?? DeadlineWheel.never
        }
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
        if connection.writeDeadline <= clock.now {
            connection.descriptor.resetOnClose()
            return close(connection)
        }
        switch connection.wait.kind {
        case .header: abandonInput(connection, .slowHeader)
        case .body: abandonInput(connection, .slowBody)
        case .nothing, .request, .close: return close(connection)
        }
        touch(connection)
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
