internal import HTTP

/// An answer's place in the order of its connection.
struct PendingResponse {
    enum Answer {
        case waiting
        /// 100 Continue
        case interim
        case ready(Response)
        case streaming(Stream)
    }

    struct Stream {
        let response: Response
        let writer: StreamWriter
        /// Nil until the head is written.
        var framing: ResponseEncoder.Framing?
        var pieces: [[UInt8]] = []
        /// Whether the body came to its end or was broken off; nil while it goes on.
        var isWhole: Bool?
    }

    let exchange: ResponseContext
    var answer: Answer
    /// Bytes of the request's body, which the handler has.
    var requestBytes = 0

    mutating func changeStream(_ change: (inout Stream) -> Void) {
        guard case .streaming(var stream) = answer else { return }
        // Not shared while it changes.
        answer = .waiting
        change(&stream)
        answer = .streaming(stream)
    }
}

/// The unanswered requests of a connection, in their order.
struct ResponseQueue {
    private var slots: [PendingResponse] = []
    /// The sequence number of the first slot.
    private var firstSequence: UInt64 = 0
    private(set) var bufferedBytes = 0

    var isEmpty: Bool { slots.isEmpty }
    var count: Int { slots.count }
    /// How many there were, from the connection's start.
    var total: UInt64 { firstSequence + UInt64(slots.count) }

    var first: PendingResponse? {
        get { slots.first }
        set { if let newValue, !slots.isEmpty { slots[0] = newValue } }
    }

    /// - Returns: the slot's sequence number.
    @discardableResult
    mutating func append(_ slot: PendingResponse) -> UInt64 {
        slots.append(slot)
        bufferedBytes += slot.requestBytes
        return total - 1
    }

    mutating func removeFirst() {
        bufferedBytes -= slots.removeFirst().requestBytes
        firstSequence += 1
        if slots.isEmpty { slots = [] }
    }

    /// Changes the slot with this number.
    /// - Returns: whether it is still there.
    mutating func change(_ sequence: UInt64, _ change: (inout PendingResponse) -> Void) -> Bool {
        guard sequence >= firstSequence, sequence - firstSequence < slots.count else { return false }
        change(&slots[Int(sequence - firstSequence)])
        return true
    }

    /// Drops what waits behind the first `kept`, and tells its streams that nobody takes them.
    mutating func drop(after kept: Int) {
        for slot in slots.dropFirst(kept) {
            bufferedBytes -= slot.requestBytes
            if case .streaming(let stream) = slot.answer { stream.writer.cut() }
        }
        slots.removeLast(max(slots.count - kept, 0))
    }
}
