/// The request being read.
struct PartialRequest: Sendable {
    private(set) var method = Request.Method.get
    private var target: Target?
    var exchange = ResponseContext()
    var headers = Headers()
    var body: [UInt8] = []
    /// Of the section being read: the header, then the trailers.
    var fieldBytes = 0
    var fieldCount = 0
    private var extensionBytes = 0

    /// A refusal that waits for the end of the message.
    var refusal: RequestError? { target?.refusal }

    var request: Request {
        Request(method: method, path: target?.path ?? [], query: target?.query ?? [], headers: headers, body: body)
    }

    mutating func start(_ line: RequestLine) {
        method = line.method
        target = line.target
        exchange.version = line.version
        exchange.isHead = line.method == .head
    }

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
