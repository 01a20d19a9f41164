/// Every bound of the request parser, in bytes or lines. An input over one is an error before it is kept.
package struct Limits: Sendable, Equatable {
    /// Bytes of the request line, without its CRLF.
    package var requestLine = 8 * 1024
    /// Bytes of all header lines together, with their CRLFs; also of all trailer lines of a chunked body together.
    package var headerBytes = 16 * 1024
    /// Header lines of one request; also trailer lines.
    package var headerCount = 64
    /// Bytes of a body, decoded.
    package var body = 1024 * 1024
    /// Bytes of one chunk-size line with its extensions, without its CRLF.
    package var chunkLine = 256
    /// Bytes of all chunk extensions of one body together; without this bound a small body could carry endless extensions.
    package var chunkExtensions = 16 * 1024

    package init() {}
}

/// A strict incremental parser of HTTP/1.1 requests (RFC 9112): bytes in, actions out. It never repairs an input.
///
/// After `append`, call `next` until it returns `needMore`. The actions do not depend on how the input was cut.
package struct RequestParser: Sendable {
    package enum Action: Sendable, Equatable {
        /// There is nothing to do before more bytes arrive.
        case needMore
        /// The client waits for `100 Continue` before it sends the body (RFC 9110, 10.1.1).
        case sendContinue
        case request(Request, ResponseContext)
        /// An input that is no acceptable request, with the headers that were read before the error. After an error that `closes`, the
        /// parser repeats it for ever.
        case error(RequestError, ResponseContext, Headers)
    }

    /// The part of a request that the parser waits for.
    package enum Phase: Sendable { case idle, head, body, stopped }

    /// The machine's state; `README.md` draws it.
    private enum State {
        case requestLine(mayBeEmpty: Bool)
        case fields
        /// The head is read, and the client may wait for `100 Continue`.
        case expecting(RequestFraming.Body)
        /// Bytes of the body that are missing.
        case length(Int)
        case chunkLine
        /// Bytes of the chunk that are missing.
        case chunk(Int)
        case chunkEnd
        case trailers
        case complete
        case stopped(RequestError)
    }

    private let limits: Limits
    private var input = InputBuffer()
    private var state = State.requestLine(mayBeEmpty: true)
    private var partial = PartialRequest()

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

    /// Bytes that the parser keeps: unparsed input, and the body read so far.
    package var bufferedBytes: Int { input.count + partial.body.count }

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

    /// Makes one transition. Nil means that another may follow at once.
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
        case .stopped(let error): throw error
        }
    }
}

/// The steps through the request line and the header section.
extension RequestParser {
    /// One empty line before a request is skipped (RFC 9112, 2.2).
    private mutating func readRequestLine(_ mayBeEmpty: Bool) throws(RequestError) -> Action? {
        guard let line = try input.line(upTo: limits.requestLine, else: .requestLineTooLong) else { return needMore() }
        if line.isEmpty, mayBeEmpty {
            state = .requestLine(mayBeEmpty: false)
            return nil
        }
        partial.start(try RequestLine(input.bytes.span.extracting(line)))
        state = .fields
        return nil
    }

    private mutating func readField() throws(RequestError) -> Action? {
        guard let line = try input.line(upTo: limits.headerBytes - partial.fieldBytes, else: .headersTooLarge) else { return needMore() }
        if line.isEmpty { return try endHead() }
        try partial.countField(line.count + 2, limits)
        partial.headers.append(try FieldLine(input.bytes.span.extracting(line)))
        return nil
    }

    private mutating func endHead() throws(RequestError) -> Action? {
        let framing = try RequestFraming(partial.headers, version: partial.context.version, limits: limits)
        partial.context.keepsAlive = framing.keepsAlive
        if let authority = partial.authority { partial.headers.set("host", to: authority) }
        if framing.expectsContinue, framing.body != .none {
            // The body of a request that is rejected anyway is not asked for, so the start of the next request is unknown.
            if let error = partial.error { throw error }
            state = .expecting(framing.body)
        } else {
            state = Self.start(of: framing.body)
        }
        return nil
    }

    /// A client that sends its body without waiting gets no `100 Continue` (RFC 9110, 10.1.1).
    private mutating func expect(_ body: RequestFraming.Body) -> Action? {
        state = Self.start(of: body)
        return input.count == 0 ? .sendContinue : nil
    }

    private static func start(of body: RequestFraming.Body) -> State {
        switch body {
        case .none: .complete
        case .length(let length): .length(length)
        case .chunked: .chunkLine
        }
    }
}

/// The steps through the body.
extension RequestParser {
    private mutating func readBody(_ missing: Int, _ more: (Int) -> State, orElse done: () -> State) -> Action? {
        let left = missing - input.move(upTo: missing, to: &partial.body)
        state = left == 0 ? done() : more(left)
        return left == 0 ? nil : needMore()
    }

    private mutating func readChunkLine() throws(RequestError) -> Action? {
        guard let line = try input.line(upTo: limits.chunkLine, else: .chunkExtension) else { return needMore() }
        let chunk = try ChunkLine(input.bytes.span.extracting(line))
        try partial.countExtension(chunk.extensionBytes, limits)
        if chunk.size > limits.body - partial.body.count { throw .bodyTooLarge }
        partial.startTrailers()
        state = chunk.size == 0 ? .trailers : .chunk(chunk.size)
        return nil
    }

    private mutating func readChunkEnd() throws(RequestError) -> Action? {
        guard let line = try input.line(upTo: 0, else: .chunkEnd) else { return needMore() }
        guard line.isEmpty else { throw .chunkEnd }
        state = .chunkLine
        return nil
    }

    /// Trailers must be well formed, and are dropped, so that none changes what the header section decided (RFC 9110, 6.5.1).
    private mutating func readTrailer() throws(RequestError) -> Action? {
        guard let line = try input.line(upTo: limits.headerBytes - partial.fieldBytes, else: .headersTooLarge) else { return needMore() }
        if line.isEmpty {
            state = .complete
            return nil
        }
        try partial.countField(line.count + 2, limits)
        _ = try FieldLine(input.bytes.span.extracting(line))
        return nil
    }
}

/// The steps out of a request.
extension RequestParser {
    private mutating func complete() -> Action {
        let whole = partial
        partial = PartialRequest()
        state = .requestLine(mayBeEmpty: true)
        if let error = whole.error { return .error(error, whole.context, whole.headers) }
        return .request(whole.request, whole.context)
    }

    private mutating func stop(_ error: RequestError) -> Action {
        var context = partial.context
        context.keepsAlive = false
        let headers = partial.headers
        partial = PartialRequest()
        input = InputBuffer()
        state = .stopped(error)
        return .error(error, context, headers)
    }

    private mutating func needMore() -> Action {
        input.release()
        return .needMore
    }
}
