/// The request that is being read.
struct PartialRequest: Sendable {
    private(set) var method = Request.Method.get
    private var target: RequestTarget?
    var context = ResponseContext()
    var headers = Headers()
    var body: [UInt8] = []
    /// Bytes of the lines of the section that is being read: the header section, then the trailers.
    private(set) var fieldBytes = 0
    /// Lines of that section.
    private var fieldCount = 0
    private var extensionBytes = 0

    /// The host that the target names, which takes the place of the Host field's (RFC 9112, 3.2.2).
    var authority: String? { target?.authority }

    /// An error that is reported at the end of the message.
    var error: RequestError? { target?.error }

    var request: Request {
        Request(method: method, path: target?.path ?? [], query: target?.query ?? [], headers: headers, body: body)
    }

    mutating func start(_ line: RequestLine) {
        method = line.method
        target = line.target
        context.version = line.version
        context.isHead = line.method == .head
    }

    mutating func startTrailers() {
        fieldBytes = 0
        fieldCount = 0
    }

    /// - Parameter bytes: of the line, with its CRLF.
    mutating func countField(_ bytes: Int, _ limits: Limits) throws(RequestError) {
        fieldBytes += bytes
        fieldCount += 1
        if fieldBytes > limits.headerBytes { throw .headersTooLarge }
        if fieldCount > limits.headerCount { throw .tooManyHeaders }
    }

    mutating func countExtension(_ bytes: Int, _ limits: Limits) throws(RequestError) {
        extensionBytes += bytes
        if extensionBytes > limits.chunkExtensions { throw .chunkExtension }
    }
}
