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

    let context: ResponseContext
    var state: State
    /// Bytes of the request's body, which the handler holds.
    var requestBytes = 0

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

    /// Changes the response with this sequence number.
    /// - Returns: whether it is still pending.
    mutating func change(_ sequence: UInt64, _ change: (inout PendingResponse) -> Void) -> Bool {
        guard sequence >= firstSequence, sequence - firstSequence < pending.count else { return false }
        change(&pending[Int(sequence - firstSequence)])
        return true
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
