import Testing

@testable import HTTP

struct LimitTests {
    private static func limits(_ change: (inout Limits) -> Void) -> Limits {
        var limits = Limits()
        change(&limits)
        return limits
    }

    @Test(arguments: [(40, true), (41, false)])
    func `A request line ends at its limit`(_ count: Int, _ fits: Bool) {
        let line = "GET /" + String(repeating: "a", count: count - 14) + " HTTP/1.1"
        let outcome = Outcome(line + "\r\nHost: a\r\n\r\n", limits: Self.limits { $0.requestLine = 40 })
        #expect(fits ? outcome.isRequest : outcome == .error(.requestLineTooLong))
    }

    @Test func `A request line without an end is refused at its limit, not kept`() {
        var parser = RequestParser(limits: Self.limits { $0.requestLine = 40 })
        for _ in 0..<41 { #expect(parser.feed("a").isEmpty) }
        #expect(parser.feed("a") == [.error(.requestLineTooLong, .closing, Headers())])
        #expect(parser.bufferedBytes == 0)
    }

    @Test(arguments: [(100, true), (101, false)])
    func `The header section ends at its limit`(_ bytes: Int, _ fits: Bool) {
        let fields = "Host: a\r\nX: " + String(repeating: "a", count: bytes - 14) + "\r\n"
        let outcome = Outcome("GET / HTTP/1.1\r\n\(fields)\r\n", limits: Self.limits { $0.headerBytes = 100 })
        #expect(fits ? outcome.isRequest : outcome == .error(.headersTooLarge))
    }

    @Test(arguments: [(4, true), (5, false)])
    func `There are as many fields as the limit says`(_ count: Int, _ fits: Bool) {
        let fields = "Host: a\r\n" + String(repeating: "X: a\r\n", count: count - 1)
        let outcome = Outcome("GET / HTTP/1.1\r\n\(fields)\r\n", limits: Self.limits { $0.headerCount = 4 })
        #expect(fits ? outcome.isRequest : outcome == .error(.tooManyHeaders))
    }

    @Test(arguments: [(10, true), (11, false)])
    func `A body ends at its limit, however it is framed`(_ count: Int, _ fits: Bool) {
        let limits = Self.limits { $0.body = 10 }
        let body = String(repeating: "a", count: count)
        let one = String(count, radix: 16) + "\r\n\(body)\r\n0\r\n\r\n"
        let many = body.map { "1\r\n\($0)\r\n" }.joined() + "0\r\n\r\n"
        for rest in [
            "Content-Length: \(count)\r\n\r\n\(body)", "Transfer-Encoding: chunked\r\n\r\n\(one)",
            "Transfer-Encoding: chunked\r\n\r\n\(many)",
        ] {
            let outcome = Outcome("POST / HTTP/1.1\r\nHost: a\r\n\(rest)", limits: limits)
            #expect(fits ? outcome.isRequest : outcome == .error(.bodyTooLarge))
        }
    }

    @Test func `A body over the limit is refused before any of it is read`() {
        let actions = parse("POST / HTTP/1.1\r\nHost: a\r\nX-Request-Id: r\r\nContent-Length: 1048577\r\n\r\n")
        guard case .error(let error, _, let headers) = actions.first else { return #expect(Bool(false), "\(actions)") }
        #expect(error.status == 413 && error.closes && headers["x-request-id"] == "r")
    }

    @Test func `Chunk extensions are bounded for the whole body`() {
        let limits = Self.limits { $0.chunkExtensions = 30 }
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        let chunk = "1;name=val\r\nx\r\n"
        #expect(Outcome(head + String(repeating: chunk, count: 3) + "0\r\n\r\n", limits: limits).isRequest)
        #expect(Outcome(head + String(repeating: chunk, count: 4) + "0\r\n\r\n", limits: limits) == .error(.chunkExtension))
    }

    @Test func `A chunk line and the trailers are bounded`() {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(Outcome(head + "1;" + String(repeating: "x", count: 300)) == .error(.chunkExtension))
        #expect(Outcome(head + "0\r\n" + String(repeating: "X: a\r\n", count: 65)) == .error(.tooManyHeaders))
        #expect(Outcome(head + "0\r\nX: " + String(repeating: "x", count: 17_000)) == .error(.headersTooLarge))
    }
}
