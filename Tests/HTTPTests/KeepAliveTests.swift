import Testing

@testable import HTTP

struct KeepAliveTests {
    @Test(arguments: [
        ("1.1", "", true), ("1.1", "Connection: close\r\n", false), ("1.1", "Connection: CLOSE\r\n", false),
        ("1.1", "Connection: keep-alive, \tClose \r\n", false), ("1.1", "Connection: upgrade\r\nConnection: close\r\n", false),
        ("1.1", "Connection: closed\r\n", true), ("1.1", "Connection: x-close\r\n", true), ("1.0", "", false),
        ("1.0", "Connection: keep-alive\r\n", true), ("1.0", "Connection: Keep-Alive, close\r\n", false),
    ])
    func `A connection is kept or closed as its request says`(_ version: String, _ field: String, _ keepsAlive: Bool) {
        let action = parse("GET / HTTP/\(version)\r\nHost: a\r\n\(field)\r\n").first
        #expect(action?.exchange?.keepsAlive == keepsAlive)
        #expect(action?.exchange?.version == (version == "1.1" ? .http11 : .http10))
    }

    @Test func `HEAD is told to the encoder`() {
        #expect(parse("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").first?.exchange?.isHead == true)
    }
}
