import Testing

@testable import HTTP

struct RequestTargetTests {
    private func request(_ target: String) -> Request? {
        parse("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n").first?.request
    }

    @Test(arguments: [
        ("/", [""]), ("/v1/usage", ["v1", "usage"]), ("//v1", ["", "v1"]), ("/v1/", ["v1", ""]), ("/u%201", ["u 1"]), ("/a%2Fb", ["a/b"]),
        ("/a+b", ["a+b"]), ("/%e2%82%AC", ["€"]), ("/%2525", ["%25"]), ("/a/../b", ["a", "..", "b"]), ("/?/", [""]),
    ])
    func `A path is split, then decoded once`(_ target: String, _ segments: [String]) {
        #expect(request(target)?.path == segments)
    }

    @Test func `A query keeps its order, and a plus is a space`() throws {
        let query = try #require(request("/?b=1+2&a=%2B&b=&c&=d&&e=f=g?h")?.query)
        #expect(query.map(\.name) == ["b", "a", "b", "c", "", "e"])
        #expect(query.map(\.value) == ["1 2", "+", "", "", "d", "f=g?h"])
    }

    @Test func `The asterisk is for OPTIONS`() {
        #expect(parse("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").first?.request?.path == [])
        #expect(parse("OPTIONS /a HTTP/1.1\r\nHost: a\r\n\r\n").first?.request?.path == ["a"])
    }

    @Test(arguments: [
        ("http://b.example:80/v1/x?y=1", "b.example:80", ["v1", "x"]), ("HTTP://b/", "b", [""]), ("https://b", "b", [""]),
        ("http://b?y=1", "b", [""]), ("http://[::1]:8080/a", "[::1]:8080", ["a"]), ("http://b//a", "b", ["", "a"]),
    ])
    func `An absolute target names the host in the place of the Host field`(_ target: String, _ host: String, _ path: [String]) {
        #expect(request(target)?.headers.values(of: "host") == [host])
        #expect(request(target)?.path == path)
        #expect(request(target)?.query.map(\.value) == (target.contains("?") ? ["1"] : []))
        let old = parse("GET \(target) HTTP/1.0\r\n\r\n").first?.request
        #expect(old?.headers.values(of: "host") == [host])
        #expect(Outcome("GET \(target) HTTP/1.1\r\n\r\n") == .error(.host))
    }

    @Test func `OPTIONS of an absolute target without a path is for the whole server`() {
        #expect(parse("OPTIONS http://b HTTP/1.1\r\nHost: a\r\n\r\n").first?.request?.path == [])
        #expect(parse("OPTIONS http://b/ HTTP/1.1\r\nHost: a\r\n\r\n").first?.request?.path == [""])
    }

    @Test(arguments: [
        ("/%", RequestError.escape), ("/%4", .escape), ("/%zz", .escape), ("/%4g", .escape), ("/a%", .escape), ("/?a=%", .escape),
        ("/?%=a", .escape), ("/%00", .escapedNUL), ("/?a=b%00", .escapedNUL), ("/%ff", .escapedText), ("/%c0%af", .escapedText),
        ("/%ed%a0%80", .escapedText), ("/?a=%e2%82", .escapedText), ("/%e2/%82%ac", .escapedText),
    ])
    func `A bad escape is refused when the message has been read, and the connection goes on`(_ target: String, _ error: RequestError) {
        let bad = "POST \(target) HTTP/1.1\r\nHost: a\r\nX-Request-Id: r\r\nContent-Length: 3\r\n\r\nabc"
        let actions = parse(bad + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(actions.first == .error(error, ResponseContext(), ["host": "a", "x-request-id": "r", "content-length": "3"]))
        #expect(actions.last?.request?.path == ["next"])
        #expect(!error.closes && error.status == 400)
    }
}
