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
    let address: ClientAddress?
    var parser: RequestParser
    var responses = ResponseQueue()
    var output = OutputBuffer()
    var interest = Epoll.Interest.input

    /// Whether the client has shut its sending side.
    var inputEnded = false
    /// False after the connection's last request, whose response closes it.
    var takesRequests = true
    /// Whether parsing stopped because the connection is full, not for lack of input.
    var isHeldBack = false
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
    /// The tick of the connection's one valid entry in the wheel.
    var scheduledTick = DeadlineWheel.never

    init(_ newcomer: consuming Listener.Newcomer, serial: UInt32, limits: Limits) {
        token = Token(file: newcomer.descriptor.raw, serial: serial)
        address = newcomer.address
        descriptor = newcomer.descriptor
        parser = RequestParser(limits: limits)
    }

    var deadline: UInt64 { min(readDeadline, writeDeadline) }

    /// Whether no request is being read or answered, and no response is being sent.
    var isIdle: Bool { responses.isEmpty && output.isEmpty && (parser.phase == .idle || inputEnded || !takesRequests) }

    var bufferedBytes: Int { parser.bufferedBytes + responses.bufferedBytes + output.count }
}

/// The open connections by their file number, which the kernel keeps small.
struct ConnectionTable {
    private var byFile: [Connection?] = []
    private(set) var count = 0
    private var lastSerial: UInt32 = 0

    /// The connection of the token; nil when it is closed, even if a later connection has its file number.
    subscript(token: Token) -> Connection? {
        guard token.file >= 0, token.file < byFile.count, let connection = byFile[Int(token.file)], connection.token == token else {
            return nil
        }
        return connection
    }

    var all: [Connection] { byFile.compactMap { $0 } }

    /// A serial for the next connection. It is never 0, the serial of the listener and the mailbox.
    mutating func nextSerial() -> UInt32 {
        lastSerial = lastSerial == .max ? 1 : lastSerial + 1
        return lastSerial
    }

    mutating func insert(_ connection: Connection) {
        let index = Int(connection.token.file)
        while byFile.count <= index { byFile.append(nil) }
        byFile[index] = connection
        count += 1
    }

    mutating func remove(_ connection: Connection) {
        guard self[connection.token] != nil else { return }
        byFile[Int(connection.token.file)] = nil
        count -= 1
    }
}
