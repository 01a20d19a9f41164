/// A strict incremental parser of HTTP/1.1 requests (RFC 9112): bytes in, actions out. It refuses rather than repairs.
///
/// After `append`, call `next` until it says `needMore`. The result does not depend on how the input was cut.
package struct RequestParser: Sendable {
    package enum Action: Sendable, Equatable {
        case needMore
        /// The client waits for an interim answer before it sends the body (RFC 9110, 10.1.1).
        case sendContinue
        case request(Request, ResponseContext)
        /// With the headers of the request as far as they are known. When `Refusal.closes`, nothing more comes out of this parser.
        case refuse(RequestError, ResponseContext, Headers)
    }

    /// How far the current request has come.
    package enum Phase: Sendable { case idle, head, body, stopped }

    private enum State {
        case requestLine(mayBeEmpty: Bool)
        case fields
        case expecting(Framing.Body)
        case length(Int)
        case chunkLine
        case chunk(Int)
        case chunkEnd
        case trailers
        case complete
        case stopped(RequestError)
    }

    private let limits: Limits
    private var input = InputBuffer()
    private var state = State.requestLine(mayBeEmpty: true)
    private var message = PartialRequest()

    package init(limits: Limits = Limits()) {
        self.limits = limits
    }

    package var phase: Phase {
        switch state {
        case .requestLine: input.count == 0 ? .idle : .head
        case .fields: .head
        case .stopped: .stopped
        default: .body
        }
    }

    /// Bytes kept for requests that are not yet handed on.
    package var bufferedBytes: Int { input.count + message.body.count }

    package mutating func append(_ bytes: ArraySlice<UInt8>) {
        if case .stopped = state { return }
        input.append(bytes)
    }

    package mutating func next() -> Action {
        do throws(RequestError) {
            while true {
                if let action = try step() { return action }
            }
        } catch {
            return stop(error)
        }
    }

    /// One transition; nil when there may be another at once.
    private mutating func step() throws(RequestError) -> Action? {
        switch state {
        case .requestLine(let mayBeEmpty): return try readRequestLine(mayBeEmpty)
        case .fields: return try readField()
        case .expecting(let body): return expect(body)
        case .length(let missing):
            return readBody(missing) {
                .length($0)
            } orElse: {
                .complete
            }
        case .chunkLine: return try readChunkLine()
        case .chunk(let missing):
            return readBody(missing) {
                .chunk($0)
            } orElse: {
                .chunkEnd
            }
        case .chunkEnd: return try readChunkEnd()
        case .trailers: return try readTrailer()
        case .complete: return complete()
        case .stopped(let refusal): throw refusal
        }
    }
}

/// The head.
extension RequestParser {
    /// One empty line before a request is skipped (RFC 9112, 2.2).
    private mutating func readRequestLine(_ mayBeEmpty: Bool) throws(RequestError) -> Action? {
        guard let line = try input.line(upTo: limits.requestLine, else: .requestLineTooLong) else { return needMore() }
        if line.isEmpty, mayBeEmpty {
            state = .requestLine(mayBeEmpty: false)
            return nil
        }
        message.start(try RequestLine(input.bytes.span.extracting(line)))
        state = .fields
        return nil
    }

    private mutating func readField() throws(RequestError) -> Action? {
        guard let line = try input.line(upTo: limits.headerBytes - message.fieldBytes, else: .headersTooLarge) else { return needMore() }
        if line.isEmpty { return try endHead() }
        try message.countField(line.count + 2, limits)
        message.headers.append(try FieldLine(input.bytes.span.extracting(line)))
        return nil
    }

    private mutating func endHead() throws(RequestError) -> Action? {
        let framing = try Framing(message.headers, version: message.exchange.version, limits: limits)
        message.exchange.keepsAlive = framing.keepsAlive
        if framing.expectsContinue, framing.body != .none {
            // The body of a request that is refused anyway is not asked for, so where it would end is unknown.
            if let refusal = message.refusal { throw refusal }
            state = .expecting(framing.body)
        } else {
            state = Self.start(of: framing.body)
        }
        return nil
    }

    /// A client that sends its body without waiting is not answered (RFC 9110, 10.1.1).
    private mutating func expect(_ body: Framing.Body) -> Action? {
        state = Self.start(of: body)
        return input.count == 0 ? .sendContinue : nil
    }

    private static func start(of body: Framing.Body) -> State {
        switch body {
        case .none: .complete
        case .length(let length): .length(length)
        case .chunked: .chunkLine
        }
    }
}

/// The body.
extension RequestParser {
    private mutating func readBody(_ missing: Int, _ more: (Int) -> State, orElse done: () -> State) -> Action? {
        let left = missing - input.move(upTo: missing, to: &message.body)
        state = left == 0 ? done() : more(left)
        return left == 0 ? nil : needMore()
    }

    private mutating func readChunkLine() throws(RequestError) -> Action? {
        guard let line = try input.line(upTo: limits.chunkLine, else: .chunkExtension) else { return needMore() }
        let chunk = try ChunkLine(input.bytes.span.extracting(line))
        try message.countExtension(chunk.extensionBytes, limits)
        if chunk.size > limits.body - message.body.count { throw .bodyTooLarge }
        message.fieldBytes = 0
        message.fieldCount = 0
        state = chunk.size == 0 ? .trailers : .chunk(chunk.size)
        return nil
    }

    private mutating func readChunkEnd() throws(RequestError) -> Action? {
        guard let line = try input.line(upTo: 0, else: .chunkEnd) else { return needMore() }
        guard line.isEmpty else { throw .chunkEnd }
        state = .chunkLine
        return nil
    }

    /// Trailers must be well formed, and are dropped: no field here may change what was decided (RFC 9110, 6.5.1).
    private mutating func readTrailer() throws(RequestError) -> Action? {
        guard let line = try input.line(upTo: limits.headerBytes - message.fieldBytes, else: .headersTooLarge) else { return needMore() }
        if line.isEmpty {
            state = .complete
            return nil
        }
        try message.countField(line.count + 2, limits)
        _ = try FieldLine(input.bytes.span.extracting(line))
        return nil
    }
}

/// The end.
extension RequestParser {
    private mutating func complete() -> Action {
        let whole = message
        message = PartialRequest()
        state = .requestLine(mayBeEmpty: true)
        if let refusal = whole.refusal { return .refuse(refusal, whole.exchange, whole.headers) }
        return .request(whole.request, whole.exchange)
    }

    private mutating func stop(_ refusal: RequestError) -> Action {
        var exchange = message.exchange
        exchange.keepsAlive = false
        let headers = message.headers
        message = PartialRequest()
        input = InputBuffer()
        state = .stopped(refusal)
        return .refuse(refusal, exchange, headers)
    }

    private mutating func needMore() -> Action {
        input.release()
        return .needMore
    }
}
