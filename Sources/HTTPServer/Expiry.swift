internal import HTTP

/// Deadlines.
extension Reactor {
    func updateDeadline(_ connection: Connection) {
        let wait = Connection.Wait(kind: waitKind(connection), request: connection.slots.total)
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
        case .idle: return connection.slots.isEmpty && connection.output.isEmpty ? .request : .nothing
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
