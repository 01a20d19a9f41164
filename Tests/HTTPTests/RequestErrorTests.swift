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
        ("GET ftp://a/ HTTP/1.1\r\n", .target), ("GET http:/a HTTP/1.1\r\n", .target), ("GET http:// HTTP/1.1\r\n", .target),
        ("GET http:///a HTTP/1.1\r\n", .target), ("GET http://:80/ HTTP/1.1\r\n", .target), ("GET http://a@b/ HTTP/1.1\r\n", .target),
        ("GET http://[::1/ HTTP/1.1\r\n", .target), ("GET http://[::1\0a]/ HTTP/1.1\r\n", .target),
        ("GET http://a:80:80/ HTTP/1.1\r\n", .target),
        ("GET http://a#b HTTP/1.1\r\n", .target), ("CONNECT a:80 HTTP/1.1\r\n", .target), ("GET * HTTP/1.1\r\n", .target),
        ("GET /#a HTTP/1.1\r\n", .target), ("GET /ä HTTP/1.1\r\n", .target), ("\r\n\r\n", .requestLine), ("\n", .bareLineFeed),
        ("\u{16}\u{3}\u{1}\r\n", .requestLine),
    ])
    func `A malformed request line is refused`(_ line: String, _ error: RequestError) {
        #expect(Outcome(line) == .error(error))
        #expect(error.closes && error.status == 400)
    }

    @Test(arguments: [
        "", "Host: a b\r\n", "Host: a/b\r\n", "Host: a@b\r\n", "Host: a\r\nHost: a\r\n", "Host: a,b c\r\n", "Host: a:80:80\r\n",
        "Host: [::1\r\n", "Host: %zz\r\n", "Host: a%4\r\n", "Host: a:b\r\n", "Host: a:+1\r\n", "Host: [::1]a\r\n", "Host: [::1]:x\r\n",
        "Host: ::1\r\n", "Host: []\r\n", "Host: [a]\r\n", "Host: [1::2::3]\r\n", "Host: [127.0.0.1]\r\n", "Host: [fe80::1%25eth0]\r\n",
        "Host: [v.a]\r\n", "Host: [v1.]\r\n", "Host: [vx.a]\r\n", "Host: a]\r\n", "Host: a[\r\n", "Host: é\r\n", "Host: a\tb\r\n",
    ])
    func `HTTP 1.1 needs one valid host`(_ fields: String) {
        #expect(Outcome("GET / HTTP/1.1\r\n\(fields)\r\n") == .error(.host))
    }

    @Test(arguments: [
        "Host:\r\n", "Host: localhost:8080\r\n", "host: [::1]:80\r\n", "Host: a:\r\n", "Host: 127.0.0.1:80\r\n", "Host: a%C3%a9\r\n",
        "Host: [::ffff:192.0.2.1]\r\n", "Host: [v1f.a:b]:8\r\n", "Host: a_b-c.~!$&'()*+,;=\r\n",
    ])
    func `A host may be empty, with a port, or an address`(_ fields: String) {
        #expect(Outcome("GET / HTTP/1.1\r\n\(fields)\r\n").isRequest)
    }

    @Test func `HTTP 1.0 needs no host, and has no chunks`() {
        #expect(Outcome("GET / HTTP/1.0\r\n\r\n").isRequest)
        #expect(Outcome("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n") == .error(.host))
        #expect(Outcome("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") == .error(.transferEncoding))
    }

    @Test func `A chunked coding is named in ASCII, whatever Unicode takes for its letters`() {
        let kelvin = "chun\u{212A}ed"
        #expect(kelvin.lowercased() == "chunked")
        #expect(Outcome("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \(kelvin)\r\n\r\n0\r\n\r\n") == .error(.transferEncoding))
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
        RequestError(.overloaded, "", ""), RequestError(.targetTooLong, "", ""), RequestError(.headersTooLarge, "", ""),
    ])
    func `Each kind has its status`(_ error: RequestError) {
        let expected = [400, 413, 408, 503, 414, 431]
        let kinds: [RequestError.Kind] = [.malformed, .bodyTooLarge, .timedOut, .overloaded, .targetTooLong, .headersTooLarge]
        #expect(kinds.firstIndex(of: error.kind).map { expected[$0] } == error.status)
    }
}
