import Testing

@testable import HTTP

struct FramingTests {
    private static let chunkedHead = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"

    @Test func `Chunks are joined, extensions and trailers dropped`() {
        let request = parse(Self.chunkedHead + "3;a=\"b\"\r\nabc\r\n00A ; c\r\n0123456789\r\n0\r\nX-Trailer: t\r\nHost: b\r\n\r\n").first?
            .request
        #expect(request?.body == Array("abc0123456789".utf8))
        #expect(request?.headers["x-trailer"] == nil)
        #expect(request?.headers.values(of: "host") == ["a"])
    }

    @Test(arguments: [
        "", ";a", " ; a", ";a;b", ";a ; b", ";a=b", ";a = b", ";a=\"\"", ";a=\"b;c=d\"", ";a=\"b\\\"c\" ;d", "\t;\ta\t=\tb",
    ])
    func `A chunk's extensions are passed over`(_ extensions: String) {
        #expect(parse(Self.chunkedHead + "3\(extensions)\r\nabc\r\n0\(extensions)\r\n\r\n").first?.request?.body == Array("abc".utf8))
    }

    @Test(arguments: [
        ("\r\n", RequestError.chunkSize), ("x\r\n", .chunkSize), ("-1\r\n", .chunkSize), ("+1\r\na\r\n", .chunkSize),
        ("0x1\r\na\r\n", .chunkSize),
        (" 1\r\na\r\n", .chunkSize), ("1 \r\na\r\n", .chunkSize), ("1 x\r\na\r\n", .chunkSize), ("1\na\r\n", .bareLineFeed),
        ("1;a\nb\r\n", .bareLineFeed), ("1;a\rb\r\n", .chunkExtension), ("1;\r\n", .chunkExtension), ("1;;a\r\n", .chunkExtension),
        ("1;a b\r\n", .chunkExtension), ("1;a \r\n", .chunkExtension), ("1;a=\r\n", .chunkExtension), ("1;=a\r\n", .chunkExtension),
        ("1;a=\"b\r\n", .chunkExtension), ("1;a=\"b\"c\r\n", .chunkExtension), ("1;a=\"\\\"\r\n", .chunkExtension),
        ("1;a=b=c\r\n", .chunkExtension),
        ("1\r\nab\r\n", .chunkEnd), ("1\r\na\n", .bareLineFeed),
        ("1\r\na0\r\n", .chunkEnd), ("FFFFFFFFFFFFFFFF\r\n", .bodyTooLarge), ("10000000000000001\r\na\r\n", .chunkSize),
        ("7FFFFFFFFFFFFFFF\r\n", .bodyTooLarge), ("0\r\nX : a\r\n\r\n", .fieldName), ("0\r\nX: a\n\r\n", .bareLineFeed),
        ("0\r\n X: a\r\n\r\n", .foldedLine), ("100001\r\n", .bodyTooLarge), ("1\r\na\r\nFFFFFFFFFFFFFFFF\r\n", .bodyTooLarge),
    ])
    func `A malformed chunk is refused`(_ body: String, _ error: RequestError) {
        #expect(Outcome(Self.chunkedHead + body) == .error(error))
        #expect(error.closes)
    }

    @Test func `Without a length there is no body`() {
        let actions = parse("POST /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(actions.compactMap(\.request?.path) == [["a"], ["b"]])
        #expect(actions.first?.request?.body == [])
    }

    @Test func `A client that waits is told to go on, once, and before its body`() {
        var parser = RequestParser()
        let head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\n"
        #expect(parser.feed(head) == [.sendContinue])
        #expect(parser.phase == .body)
        #expect(parser.feed("ab").isEmpty)
        #expect(parser.feed("c").first?.request?.body == Array("abc".utf8))
    }

    @Test(arguments: [
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
        "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
    ])
    func `A client that does not wait is not told to go on`(_ text: String) {
        let actions = parse(text)
        #expect(actions.count == 1 && actions.first?.request != nil)
    }

    @Test func `A body that will not be read is not asked for`() {
        let expecting = "Host: a\r\nExpect: 100-continue\r\n"
        #expect(Outcome("POST / HTTP/1.1\r\n\(expecting)Content-Length: 1048577\r\n\r\n") == .error(.bodyTooLarge))
        var parser = RequestParser()
        let actions = parser.feed("POST /%zz HTTP/1.1\r\n\(expecting)Content-Length: 3\r\n\r\n")
        #expect(actions.count == 1 && actions.first?.context?.keepsAlive == false)
        #expect(parser.phase == .stopped)
    }

    @Test func `A body in a hundred thousand pieces is read in linear time`() {
        let count = 500_000
        var limits = Limits()
        limits.body = count
        var parser = RequestParser(limits: limits)
        #expect(parser.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n").isEmpty)
        let piece = [UInt8](repeating: 0x61, count: 5)
        for _ in 0..<count / 5 - 1 {
            parser.append(piece[...])
            guard parser.next() == .needMore else { return #expect(Bool(false), "too early") }
        }
        #expect(parser.feed([piece[...]]).first?.request?.body.count == count)
    }
}

struct KeepAliveTests {
    @Test(arguments: [
        ("1.1", "", true), ("1.1", "Connection: close\r\n", false), ("1.1", "Connection: CLOSE\r\n", false),
        ("1.1", "Connection: keep-alive, \tClose \r\n", false), ("1.1", "Connection: upgrade\r\nConnection: close\r\n", false),
        ("1.1", "Connection: closed\r\n", true), ("1.1", "Connection: x-close\r\n", true), ("1.0", "", false),
        ("1.0", "Connection: keep-alive\r\n", true), ("1.0", "Connection: Keep-Alive, close\r\n", false),
    ])
    func `A connection is kept or closed as its request says`(_ version: String, _ field: String, _ keepsAlive: Bool) {
        let action = parse("GET / HTTP/\(version)\r\nHost: a\r\n\(field)\r\n").first
        #expect(action?.context?.keepsAlive == keepsAlive)
        #expect(action?.context?.version == (version == "1.1" ? .http11 : .http10))
    }

    @Test func `HEAD is told to the encoder`() {
        #expect(parse("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").first?.context?.isHead == true)
    }
}
