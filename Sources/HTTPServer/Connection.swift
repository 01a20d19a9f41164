internal import HTTP

/// One client's connection; only the reactor's thread touches it. Idle, it owns no buffer.
final class Connection {
    /// What its end waits for.
    enum Closing { case no, afterOutput, lingering, closed }

    /// What the client must do next, and for which request, so that a deadline starts anew with each.
    struct Wait: Equatable {
        enum Kind { case nothing, request, header, body, close }
        var kind = Kind.nothing
        var request: UInt64 = 0
    }

    let descriptor: Descriptor
    let token: Token
    var parser: RequestParser
    var slots = ResponseQueue()
    var output = OutputBuffer()
    var interest = Epoll.Interest.input

    /// The client has shut its side.
    var inputEnded = false
    /// No request is taken any more: the last answer closes.
    var takesRequests = true
    /// Parsing stopped at a bound, not for lack of input.
    var isHeldBack = false
    var closing = Closing.no
    /// Bytes dropped while lingering.
    var discarded = 0
    /// Bytes that it has in the reactor's account.
    var accounted = 0
    /// It stands in the list of connections to be served this turn.
    var isTouched = false

    var wait = Wait()
    var readDeadline = DeadlineWheel.never
    var writeDeadline = DeadlineWheel.never
    /// Its valid entry in the wheel.
    var scheduledTick = DeadlineWheel.never

    init(_ descriptor: consuming Descriptor, serial: UInt32, limits: Limits) {
        token = Token(file: descriptor.raw, serial: serial)
        self.descriptor = descriptor
        parser = RequestParser(limits: limits)
    }

    var deadline: UInt64 { min(readDeadline, writeDeadline) }

    /// Nothing is read, answered or sent.
    var isIdle: Bool { slots.isEmpty && output.isEmpty && (parser.phase == .idle || inputEnded || !takesRequests) }

    var bufferedBytes: Int { parser.bufferedBytes + slots.bufferedBytes + output.count }
}
