import Testing

@testable import HTTP

struct RequestErrorTests {
    /// Each input comes after `POST / HTTP/1.1` and `Host: a`.
    @Test(arguments: [
        ("Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", RequestError.contentLength),
        ("Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", .contentLength),
        ("Content-Length: 3, 3\r\n\r\nabc", .contentLength),
        ("Content-Length: +5\r\n\r\nabcde", .contentLength),
        ("Content-Length: -1\r\n\r\n", .contentLength),
        ("Content-Length: 0x3\r\n\r\nabc", .contentLength),
        ("Content-Length: a\r\n\r\n0123456789", .contentLength),
        ("Content-Length: 1 2\r\n\r\nabc", .contentLength),
        ("Content-Length:\r\n\r\n", .contentLength),
        ("Content-Length: 99999999999999999999999999999\r\n\r\n", .bodyTooLarge),
        ("Content-Length: 9999999999999999999999999999x\r\n\r\n", .contentLength),
        ("Content-Length: 1048577\r\n\r\n", .bodyTooLarge),
        ("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", .bothLengths),
        ("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", .bothLengths),
        ("Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", .transferEncoding),
        ("Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", .transferEncoding),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", .transferEncoding),
        ("Transfer-Encoding: identity\r\n\r\n", .transferEncoding),
        ("Transfer-Encoding: \u{0B}chunked\r\n\r\n0\r\n\r\n", .fieldValue),
        ("Transfer-Encoding:\r\n\r\n", .transferEncoding),
        ("Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", .fieldName),
        (" Transfer-Encoding: chunked\r\n\r\n", .foldedLine),
        ("X: a\r\n b\r\n\r\n", .foldedLine),
        ("X: a\r\n\tb\r\n\r\n", .foldedLine),
        ("X: a\n\r\n", .bareLineFeed),
        ("X: a\rY: b\r\n\r\n", .fieldValue),
        ("X: a\u{0}b\r\n\r\n", .fieldValue),
        ("X\r\n\r\n", .fieldName),
        (": a\r\n\r\n", .fieldName),
        ("\n", .bareLineFeed),
        ("Host: b\r\n\r\n", .host),
    ])
    func `A header that could be read in two ways is refused`(_ rest: String, _ error: RequestError) {
        let actions = parse("POST / HTTP/1.1\r\nHost: a\r\n" + rest)
        #expect(actions.count == 1)
        #expect(Outcome("POST / HTTP/1.1\r\nHost: a\r\n" + rest) == .error(error))
        #expect(error.closes && actions.first?.context?.keepsAlive == false)
    }

    @Test(arguments: [
        ("GET /\r\n", RequestError.requestLine), ("GET\r\n", .requestLine), ("GET  / HTTP/1.1\r\n", .version),
        ("GET / HTTP/1.1 \r\n", .version), (" GET / HTTP/1.1\r\n", .method), ("GET / HTTP/2.0\r\n", .version),
        ("GET / HTTP/1.2\r\n", .version), ("GET / http/1.1\r\n", .version), ("GET / HTTP/01.1\r\n", .version),
        ("GET / HTTP/1.1\n", .bareLineFeed), ("GET /a\rb HTTP/1.1\r\n", .target), ("GET a HTTP/1.1\r\n", .target),
        ("GET http://a/ HTTP/1.1\r\n", .target), ("CONNECT a:80 HTTP/1.1\r\n", .target), ("GET * HTTP/1.1\r\n", .target),
        ("GET /#a HTTP/1.1\r\n", .target), ("GET /ä HTTP/1.1\r\n", .target), ("\r\n\r\n", .requestLine), ("\n", .bareLineFeed),
        ("\u{16}\u{3}\u{1}\r\n", .requestLine),
    ])
    func `A malformed request line is refused`(_ line: String, _ error: RequestError) {
        #expect(Outcome(line) == .error(error))
        #expect(error.closes && error.status == 400)
    }

    @Test(arguments: ["", "Host: a b\r\n", "Host: a/b\r\n", "Host: a@b\r\n", "Host: a\r\nHost: a\r\n", "Host: a,b c\r\n"])
    func `HTTP 1.1 needs one valid host`(_ fields: String) {
        #expect(Outcome("GET / HTTP/1.1\r\n\(fields)\r\n") == .error(.host))
    }

    @Test(arguments: ["Host:\r\n", "Host: localhost:8080\r\n", "host: [::1]:80\r\n"])
    func `A host may be empty, with a port, or an address`(_ fields: String) {
        #expect(Outcome("GET / HTTP/1.1\r\n\(fields)\r\n").isRequest)
    }

    @Test func `HTTP 1.0 needs no host, and has no chunks`() {
        #expect(Outcome("GET / HTTP/1.0\r\n\r\n").isRequest)
        #expect(Outcome("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n") == .error(.host))
        #expect(Outcome("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") == .error(.transferEncoding))
    }

    @Test func `A stopped parser takes nothing more`() {
        var parser = RequestParser()
        _ = parser.feed("GET / HTTP/3\r\n")
        #expect(parser.phase == .stopped)
        parser.append(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)[...])
        #expect(parser.next() == .error(.version, .closing, Headers()))
        #expect(parser.bufferedBytes == 0)
    }

    @Test(arguments: [
        RequestError(.malformed, "", ""), RequestError(.bodyTooLarge, "", ""), RequestError(.timedOut, "", ""),
        RequestError(.overloaded, "", ""),
    ])
    func `Each kind has its status`(_ error: RequestError) {
        let expected = [400, 413, 408, 503]
        let kinds: [RequestError.Kind] = [.malformed, .bodyTooLarge, .timedOut, .overloaded]
        #expect(kinds.firstIndex(of: error.kind).map { expected[$0] } == error.status)
    }
}
