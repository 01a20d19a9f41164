internal import HTTP

/// One client's connection, used by the reactor's thread only. An idle connection has no buffer.
final class Connection {
    /// The step of closing that the connection has reached.
    enum Closing { case no, afterOutput, lingering, closed }

    /// The client's next duty, and the number of the request that it belongs to, so that the deadline begins anew with each request.
    struct Wait: Equatable {
        enum Kind { case nothing, request, header, body, close }
        var kind = Kind.nothing
        var request: UInt64 = 0
    }

    let descriptor: Descriptor
    let token: Token
    let client: ClientAddress?
    var parser: RequestParser
    var responses = ResponseQueue()
    var output = OutputBuffer()
    var interest = Epoll.Interest.input

    /// Whether the client has shut its sending side.
    var inputEnded = false
    /// False after the connection's last request, whose response closes it.
    var takesRequests = true
    /// Whether parsing stopped because the connection is full or `held` must wait, not for lack of input.
    var isHeldBack = false
    /// The request that is read and not yet handled: what came before it may have to end first.
    var held: HeldRequest?
    var closing = Closing.no
    /// Bytes dropped while lingering.
    var discarded = 0
    /// The connection's part of the reactor's `bufferedBytes`.
    var accounted = 0
    /// Whether the connection is in the reactor's `touched`.
    var isTouched = false

    var wait = Wait()
    /// In nanoseconds, as every deadline here.
    var readDeadline = DeadlineWheel.never
    var writeDeadline = DeadlineWheel.never
    var answerDeadline = DeadlineWheel.never
    /// Bytes handed to the kernel since the connection's start.
    var sent = 0
    /// Bytes that the client had taken when `writeDeadline` was set.
    var takenBefore = 0
    /// The tick of the connection's one valid entry in the wheel.
    var scheduledTick = DeadlineWheel.never

    /// Whether a credential was valid on the connection.
    var isKnown = false
    /// When its last answer came from the handler, in nanoseconds.
    var lastUsed: UInt64 = 0
    /// The neighbours in the `ConnectionList`.
    var previous: Connection?
    var next: Connection?

    init(_ newcomer: consuming Listener.Newcomer, serial: UInt32, limits: Limits) {
        token = Token(file: newcomer.descriptor.raw, serial: serial)
        client = newcomer.client
        descriptor = newcomer.descriptor
        parser = RequestParser(limits: limits)
    }

    var deadline: UInt64 { min(readDeadline, writeDeadline, answerDeadline) }

    /// Bytes that the client's side has acknowledged.
    var taken: Int { sent - descriptor.unacknowledged }

    /// Whether no request is being read or answered, and no response is being sent.
    var isIdle: Bool { responses.isEmpty && output.isEmpty && held == nil && (parser.phase == .idle || inputEnded || !takesRequests) }

    var bufferedBytes: Int { parser.bufferedBytes + (held?.request.body.count ?? 0) + responses.bufferedBytes + output.count }
}

/// A request that waits for its turn on its connection.
struct HeldRequest {
    let request: Request
    let context: ResponseContext
}
