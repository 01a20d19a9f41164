internal import HTTP

/// The response to one request, from when the request is taken until the response is in the output.
struct PendingResponse {
    enum State {
        /// The handler works on it.
        case waiting
        /// It is `100 Continue`.
        case interim
        case ready(Response)
        case streaming(Stream)
    }

    struct Stream {
        let response: Response
        let writer: StreamWriter
        /// Nil until the head is in the output.
        var framing: ResponseEncoder.Framing?
        var pieces: [[UInt8]] = []
        /// Whether the body came to its end; false when it was broken off, nil while it goes on.
        var isWhole: Bool?
    }

    var context: ResponseContext
    var state: State
    /// Bytes of the request's body, which the handler holds.
    var requestBytes = 0
    /// The request's header fields.
    var headers = Headers()
    /// Whether the request's method changes nothing.
    var isSafe = true
    /// The time by which the handler must answer, in nanoseconds.
    var deadline = DeadlineWheel.never

    init(context: ResponseContext, state: State) {
        self.context = context
        self.state = state
    }

    /// The response that a handler works on.
    init(to request: Request, _ context: ResponseContext) {
        self.init(context: context, state: .waiting)
        (requestBytes, headers, isSafe) = (request.body.count, request.headers, request.method.isSafe)
    }

    var isWaiting: Bool {
        if case .waiting = state { true } else { false }
    }

    /// Whether the handler has not answered, or writes the body.
    var isAtWork: Bool {
        switch state {
        case .waiting: true
        case .streaming(let stream): stream.isWhole == nil
        case .interim, .ready: false
        }
    }

    /// Takes the handler's answer.
    /// - Returns: false when there is an answer already.
    mutating func answer(_ answer: State) -> Bool {
        guard isWaiting else { return false }
        state = answer
        return true
    }

    mutating func changeStream(_ change: (inout Stream) -> Void) {
        guard case .streaming(var stream) = state else { return }
        // Drops the enum's reference to the pieces, so that changing them does not copy them.
        state = .waiting
        change(&stream)
        state = .streaming(stream)
    }
}

/// The pending responses of one connection, in the order of their requests.
struct ResponseQueue {
    private var pending: [PendingResponse] = []
    /// The sequence number of the first response in `pending`.
    private var firstSequence: UInt64 = 0
    private(set) var bufferedBytes = 0

    var isEmpty: Bool { pending.isEmpty }
    var count: Int { pending.count }
    /// Responses since the connection's start, the pending ones included.
    var total: UInt64 { firstSequence + UInt64(pending.count) }

    var first: PendingResponse? {
        get { pending.first }
        set { if let newValue, !pending.isEmpty { pending[0] = newValue } }
    }

    /// - Returns: the response's sequence number.
    @discardableResult
    mutating func append(_ response: PendingResponse) -> UInt64 {
        pending.append(response)
        bufferedBytes += response.requestBytes
        return total - 1
    }

    mutating func removeFirst() {
        bufferedBytes -= pending.removeFirst().requestBytes
        firstSequence += 1
        if pending.isEmpty { pending = [] }
    }

    /// Changes the response with this sequence number, if it is still pending.
    mutating func change(_ sequence: UInt64, _ change: (inout PendingResponse) -> Void) {
        guard sequence >= firstSequence, sequence - firstSequence < pending.count else { return }
        change(&pending[Int(sequence - firstSequence)])
    }

    /// Drops all but the first `kept` responses, and tells the writers of their streams that nobody reads them.
    mutating func drop(after kept: Int) {
        for response in pending.dropFirst(kept) {
            bufferedBytes -= response.requestBytes
            if case .streaming(let stream) = response.state { stream.writer.cut() }
        }
        pending.removeLast(max(pending.count - kept, 0))
    }
}

/// What the handlers are at.
extension ResponseQueue {
    /// Whether a handler works on a response.
    var isAtWork: Bool { pending.contains { $0.isAtWork } }

    /// Whether a request may be handled now: one that may change something is handled alone, after what came before it and before what comes
    /// after it (RFC 9112, 9.3.2).
    func admits(_ method: Request.Method) -> Bool {
        !pending.contains { $0.isAtWork && !($0.isSafe && method.isSafe) }
    }

    /// The time by which the next handler must answer, in nanoseconds.
    var deadline: UInt64 { pending.lazy.filter(\.isWaiting).map(\.deadline).min() ?? DeadlineWheel.never }

    /// Answers in the place of the first handler whose deadline is over, and drops the responses after that one, which becomes the last.
    mutating func giveUp(at now: UInt64, with answer: (Headers) -> Response) {
        guard let index = pending.firstIndex(where: { $0.isWaiting && $0.deadline <= now }) else { return }
        pending[index].state = .ready(answer(pending[index].headers))
        pending[index].context.keepsAlive = false
        drop(after: index + 1)
    }
}
